"""What is printed on a certificate: always in Chinese and English, whoever prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qaplatform.audit.phrases import Words
from qaplatform.services.training.certificates import StoredCertificate

TITLES: Mapping[str, Words] = {
    "mock_exam": Words("模拟考核合格证书", "Certificate of the Mock-Dialogue Exam"),
    "path": Words("培训结业证书", "Certificate of Completion"),
    "rubric": Words("质检评分合格证书", "Certificate in Quality Scoring"),
}
NUMBER = Words("编号", "No.")
DATE = Words("颁发日期", "Date of issue")
ISSUER = Words("颁发", "Issued by")
BY_THE_RULES = Words("按考核规则颁发", "By the rules of the exam")
LEADS = Words("兹证明", "This certifies that")
REVOKED = Words("已撤销", "REVOKED")
HOUSE = Words("质检平台", "Quality Platform")


@dataclass(frozen=True)
class Paper:
    """The words of one certificate."""

    title: Words
    text: Words
    number: Words = NUMBER
    date: Words = DATE
    issuer: Words = ISSUER
    by_the_rules: Words = BY_THE_RULES
    leads: Words = LEADS
    revoked: Words = REVOKED
    house: Words = HOUSE


def paper_of(one: StoredCertificate) -> Paper:
    """What stands on a certificate besides name, number and date."""
    title = TITLES[one.kind]
    if one.kind == "mock_exam":
        return Paper(title, _of_exam(one))
    about_zh, about_en = (str(one.basis.get(name) or "") for name in ("title_zh", "title_en"))
    about = Words(about_zh or about_en, about_en or about_zh)
    if one.kind == "path":
        return Paper(
            title,
            Words(
                f"学完“{about.zh}”的全部必修内容，达到结业条件，特发此证。",
                f"has completed all required steps of the learning path “{about.en}” and met the conditions to graduate.",
            ),
        )
    return Paper(
        title,
        Words(
            f"通过“{about.zh}”，评分与参考评分一致，可以独立质检，特发此证。",
            f"has passed “{about.en}”, scoring in agreement with the reference, and may inspect on their own.",
        ),
    )


def _of_exam(one: StoredCertificate) -> Words:
    count, kinds = len(one.basis.get("scenarios") or ()), len(one.basis.get("kinds") or ())
    rules = one.basis.get("rules") or {}
    clean = bool(rules.get("no_critical"))
    agreed = bool(rules.get("mentor_must_agree"))
    zh = f"在模拟考核中独立接待并通过 {count} 个场景，涵盖 {kinds} 类问题"
    zh += ("，无一票否决" if clean else "") + ("，经带教复核" if agreed else "") + "，特发此证。"
    en = f"has handled and passed {_counted(count, 'scenario')} of {_counted(kinds, 'kind')} in the mock-dialogue exam"
    en += (", without a critical finding" if clean else "") + (", reviewed by a mentor" if agreed else "") + "."
    return Words(zh, en)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
