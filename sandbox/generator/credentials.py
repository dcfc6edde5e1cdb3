"""Credentials: the diplomas a career earned, and certificates beside it."""

from collections.abc import Iterator

from sandbox.generator.careers import THIS_YEAR, TODAY, Award
from sandbox.generator.learners import GeneratedLearner
from sandbox.generator.schooling import NULL
from sandbox.generator.words import WORD, Words, picked

CERTIFIED = round(0.25 * WORD)
CORRECTED, REVOKED, CANCELLED = (round(share * WORD) for share in (0.006, 0.0075, 0.0095))
FIRST_YEAR_CERTIFIED = 2011  # the birth year of the youngest with certificates
TITLE_BY_KIND = {
    "LOWER_SECONDARY": "Bằng tốt nghiệp trung học cơ sở",
    "UPPER_SECONDARY": "Bằng tốt nghiệp trung học phổ thông",
    "VOCATIONAL_SECONDARY": "Bằng tốt nghiệp trung học nghề",
    "COLLEGE": "Bằng cao đẳng",
    "BACHELOR": "Bằng cử nhân",
    "MASTER": "Bằng thạc sĩ",
    "DOCTOR": "Bằng tiến sĩ",
}
SUBJECTS = ("Kế toán", "Công nghệ thông tin", "Giáo dục Tiểu học", "Điều dưỡng", "Luật", "Cơ khí", "Nông học")
PREFIX_BY_KIND = {
    "LOWER_SECONDARY": "CS", "UPPER_SECONDARY": "PT", "VOCATIONAL_SECONDARY": "TN", "COLLEGE": "CD",
    "BACHELOR": "DH", "MASTER": "TH", "DOCTOR": "TS",
}  # fmt: skip
CERTIFICATES = (
    ("LANGUAGE", "Chứng chỉ ngoại ngữ bậc 3/6", "NN", "CONTINUING"),
    ("INFORMATICS", "Chứng chỉ ứng dụng công nghệ thông tin cơ bản", "TI", "CONTINUING"),
    ("SHORT_COURSE", "Chứng chỉ đào tạo ngắn hạn", "NH", "VOCATIONAL"),
)
CLASSIFICATIONS = ("EXCELLENT", "VERY_GOOD", "VERY_GOOD", "GOOD", "GOOD", "GOOD", "GOOD", "AVERAGE")
REASON_BY_STATUS = {
    "CORRECTED": "Điều chỉnh thông tin hộ tịch",
    "REVOKED": "Thu hồi do gian lận trong hồ sơ",
    "CANCELLED": "Hủy bỏ do in sai",
}


def credential_lines(learner: GeneratedLearner, words: Words) -> Iterator[str]:
    """Yield the lines of a learner's credentials, diplomas in the order of their years."""
    awards = learner.career.awards
    for position, award in enumerate(awards):
        yield _diploma(learner, award, position, words)
    if learner.registered.birth_year <= FIRST_YEAR_CERTIFIED and words[0] < CERTIFIED:
        yield _certificate(learner, len(awards), words)


def _diploma(learner: GeneratedLearner, award: Award, position: int, words: Words) -> str:
    school = award.kind in ("LOWER_SECONDARY", "UPPER_SECONDARY")
    classification = NULL if school else picked(CLASSIFICATIONS, words[1])
    title = TITLE_BY_KIND[award.kind]
    if award.kind in ("BACHELOR", "MASTER", "DOCTOR", "COLLEGE"):
        title = f"{title} ngành {picked(SUBJECTS, words[2])}"
    issued_on = f"{award.year}-{7 + (words[3] & 3):02d}-{1 + words[4 + position] % 28:02d}"
    institution = learner.places.institution(award.group)
    head = (institution, "DIPLOMA", award.kind, title, PREFIX_BY_KIND[award.kind])
    return _line(learner.code, position, head, issued_on, classification, words[9 + position])


def _certificate(learner: GeneratedLearner, position: int, words: Words) -> str:
    kind, title, prefix, group = picked(CERTIFICATES, words[14])
    issued_on = f"{THIS_YEAR - 1 - words[15] % 3}-{1 + words[3] % 12:02d}-{1 + words[4] % 28:02d}"
    head = (learner.places.institution(group), "CERTIFICATE", kind, title, prefix)
    return _line(learner.code, position, head, issued_on, NULL, WORD)


def _line(
    code: str, position: int, head: tuple[str, str, str, str, str], issued_on: str, classification: str, word: int
) -> str:
    institution, form, kind, title, prefix = head
    serial = f"{prefix}{issued_on[2:4]}{code[2:]}"
    number = f"{issued_on[:4]}/{prefix}/{int(code) % 99991:05d}"
    return (
        f"{code}C{position}\t{code}\t{institution}\t{form}\t{kind}\t{title}\t{serial}\t{number}\t{issued_on}"
        f"\t{classification}\t{_standing(word, issued_on)}"
    )


def _standing(word: int, issued_on: str) -> str:
    """Return status, the day since which it holds, and its reason."""
    if word >= CANCELLED:
        return f"ISSUED\t{issued_on}\t{NULL}"
    status = "CORRECTED" if word < CORRECTED else "REVOKED" if word < REVOKED else "CANCELLED"
    since = min(f"{int(issued_on[:4]) + 1}{issued_on[4:]}", TODAY.isoformat())
    return f"{status}\t{since}\t{REASON_BY_STATUS[status]}"
