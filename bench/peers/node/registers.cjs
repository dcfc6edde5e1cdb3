// What Mercurius reads: prepared statements over eight connections, a batch of keys in one statement.
const { Pool, types } = require('pg')

const DATE = 1082
types.setTypeParser(DATE, text => text)

const pool = new Pool({ connectionString: process.env.DATABASE, min: 8, max: 8, idleTimeoutMillis: 0 })
const rowsOf = (name, text) => async (...values) => (await pool.query({ name, text, values })).rows

const LEARNER = `select id, citizen_id as "citizenId", full_name as "fullName", birth_date as "birthDate", gender,
  ethnicity, nationality, province_code as "provinceCode", status, current_institution_id as "institutionId"
  from learners`
const byId = rowsOf('learner', `${LEARNER} where id = $1`)

// Lists of rows in the order of the keys; `key` is the column that holds the key.
const listsBy = (key, read) => async keys => {
  const lists = new Map(keys.map(one => [one, []]))
  for (const row of await read(keys)) lists.get(row[key]).push(row)
  return keys.map(one => lists.get(one))
}

const institutions = rowsOf('institutions',
  'select id, name, province_code as "provinceCode" from institutions where id = any($1::int[])')

module.exports = {
  learner: async id => (await byId(id))[0] ?? null,
  learnersOf: rowsOf('list', `${LEARNER} where province_code = $1 order by id limit $2`),
  learnersByNumber: rowsOf('numbers', `${LEARNER} where citizen_id = any($1::bpchar[]) order by id`),
  enrolments: listsBy('learnerId', rowsOf('enrolments', `select learner_id as "learnerId", level, grade,
    school_year as "schoolYear", gpa, institution_id as "institutionId" from enrolments
    where learner_id = any($1::int[]) order by learner_id, id`)),
  credentials: listsBy('learnerId', rowsOf('credentials', `select learner_id as "learnerId", title, serial,
    issued_on as "issuedOn", institution_id as "institutionId" from credentials
    where learner_id = any($1::int[]) order by learner_id, id`)),
  residencies: listsBy('learnerId', rowsOf('residencies', `select learner_id as "learnerId",
    province_code as "provinceCode", ward_code as "wardCode", from_date as "fromDate", to_date as "toDate"
    from residencies where learner_id = any($1::int[]) order by learner_id, id`)),
  institutions: async keys => {
    const byKey = new Map((await institutions(keys)).map(row => [row.id, row]))
    return keys.map(key => byKey.get(key) ?? null)
  },
}
