-- The peers' database: the tables as a server that enforces nothing would keep them, with synthetic rows.
-- Numbers of rows: :institutions and :learners; each learner has 3 enrolments, 1 credential and 2 residences.
create table institutions (
  id int primary key, code text not null, name text not null, province_code text not null, ward_code text not null,
  kind text not null);
create table learners (
  id int primary key, citizen_id char(12) not null, full_name text not null, birth_date date not null,
  gender text not null, ethnicity text not null, nationality text not null, phone text, email text,
  province_code text not null, current_institution_id int not null, status text not null, updated_on date not null);
create table enrolments (
  id int primary key, learner_id int not null, institution_id int not null, level text not null, grade int not null,
  school_year text not null, gpa double precision not null);
create table credentials (
  id int primary key, learner_id int not null, institution_id int not null, kind text not null, title text not null,
  serial text not null, issued_on date not null, signature_status text not null);
create table residencies (
  id int primary key, learner_id int not null, province_code text not null, ward_code text not null,
  address text not null, from_date date not null, to_date date);

select setseed(0.42) \g /dev/null

insert into institutions
select n, 'SCH' || lpad(n::text, 6, '0'), 'Trường Trung học phổ thông số ' || n, lpad((1 + n % 63)::text, 2, '0'),
  lpad((n % 11000)::text, 5, '0'), (array['primary', 'secondary', 'high', 'university'])[1 + n % 4]
from generate_series(1, :institutions) n;

insert into learners
select n, lpad((1000000000 + n * 7919::bigint)::text, 12, '0'),
  (array['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Vũ', 'Đặng', 'Bùi'])[1 + n % 8] || ' '
    || (array['Văn', 'Thị', 'Đức', 'Minh', 'Ngọc'])[1 + n % 5] || ' '
    || (array['An', 'Bình', 'Chi', 'Dũng', 'Giang', 'Hà', 'Khánh'])[1 + n % 7] || ' ' || n,
  date '1985-01-01' + (n * 37) % 12000, (array['male', 'female'])[1 + n % 2],
  (array['Kinh', 'Tày', 'Thái', 'Mường'])[1 + n % 4], 'VN', '09' || lpad((n % 100000000)::text, 8, '0'),
  'u' || n || '@example.vn', lpad((1 + (random() * 62)::int)::text, 2, '0'), 1 + (random() * (:institutions - 1))::int,
  (array['active', 'graduated', 'left'])[1 + n % 3], date '2026-01-01' + n % 300
from generate_series(1, :learners) n;

insert into enrolments
select row_number() over (), learner, 1 + (random() * (:institutions - 1))::int,
  (array['primary', 'secondary', 'high'])[1 + stage], 1 + (random() * 11)::int,
  (2015 + stage * 3) || '-' || (2016 + stage * 3), round((random() * 10)::numeric, 2)::double precision
from generate_series(1, :learners) learner, generate_series(0, 2) stage;

insert into credentials
select n, n, 1 + (random() * (:institutions - 1))::int, (array['diploma', 'certificate'])[1 + n % 2],
  (array['Bằng tốt nghiệp THPT', 'Chứng chỉ tin học', 'Bằng đại học'])[1 + n % 3], 'S' || lpad(n::text, 9, '0'),
  date '2005-01-01' + (n * 13) % 7000, (array['valid', 'unsigned', 'revoked'])[1 + n % 3]
from generate_series(1, :learners) n;

insert into residencies
select row_number() over (), learner, lpad((1 + (random() * 62)::int)::text, 2, '0'),
  lpad((random() * 10999)::int::text, 5, '0'), 'Số ' || learner % 300 || ' đường ' || learner % 997,
  date '2000-01-01' + learner % 3000 + place * 3000,
  case when place = 0 then date '2000-01-01' + learner % 3000 + 3000 end
from generate_series(1, :learners) learner, generate_series(0, 1) place;

create unique index on learners (citizen_id);
create index on learners (province_code, id);
create index on learners (current_institution_id);
create index on enrolments (learner_id, id);
create index on enrolments (institution_id);
create index on credentials (learner_id, id);
create index on credentials (institution_id);
create index on residencies (learner_id, id);
create index on institutions (province_code);
-- PostGraphile finds the ways between tables by their foreign keys
alter table learners add foreign key (current_institution_id) references institutions (id);
alter table enrolments add foreign key (learner_id) references learners (id),
  add foreign key (institution_id) references institutions (id);
alter table credentials add foreign key (learner_id) references learners (id),
  add foreign key (institution_id) references institutions (id);
alter table residencies add foreign key (learner_id) references learners (id);

-- PostGraphile's root field for many citizen numbers
create function learners_by_citizen_ids(ids text[]) returns setof learners language sql stable
as $$ select * from learners where citizen_id = any (ids::bpchar[]) order by id $$;

vacuum analyze;
