"""Members by the million for a generated park, each with sealed numbers, on the rosters of its branches.

Names follow the frequency of Chinese surnames, so that searches meet lists as long as real ones. Numbers are sealed
here in Python and come in by COPY; without row history, since nobody changed anything.
"""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import pgtrigger

from apps.core.bulk import insert_rows
from apps.core.codes import make_id_number
from apps.core.sealing import new_ids, sealed_columns
from apps.core.text import pinyin_initials
from apps.enterprises.models import Establishment
from apps.members.kinds import Education, Occupation, PostRole
from apps.members.models import Member, Membership, Post

CHUNK: Final = 20_000
FIRST_DAY: Final = datetime.date(2020, 1, 1)
LAST_DAY: Final = datetime.date(2025, 6, 30)
SURNAMES: Final = "王" * 7 + "李" * 7 + "张" * 6 + "刘" * 5 + "陈" * 4 + "杨" * 3 + "黄" * 2 + (
    "赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段"
)  # fmt: skip
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文海波晓春梅鹏飞宇浩然子轩雨欣怡佳琪思远俊凯博嘉诗涵梓雪松柏林峰岩"
EDUCATIONS: Final = [e.value for e in Education]
OCCUPATIONS: Final = [o.value for o in Occupation]

Place = tuple[int, str, int, int, bool]


def write_members(branches: Sequence[Place], count: int, seed: int) -> None:
    """`count` members over the branches, one in nine still on probation; every branch has a secretary."""
    if not count:
        return
    chance = random.Random(seed)
    firms = _firms_of([place[0] for place in branches])
    unhistoric = [f"{model._meta.label}:insert_insert" for model in (Member, Membership, Post)]
    with pgtrigger.ignore(*unhistoric):
        made = _people(branches, firms, count, chance)
        while chunk := list(islice(made, CHUNK)):
            _write(chunk)


def _firms_of(orgs: list[int]) -> dict[int, list[int]]:
    firms: dict[int, list[int]] = defaultdict(list)
    for org, enterprise in Establishment.objects.open().filter(org__in=orgs).values_list("org_id", "enterprise_id"):
        firms[org].append(enterprise)
    return firms


def _people(
    branches: Sequence[Place], firms: dict[int, list[int]], count: int, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """One member after the other. Branches differ in size; the first member of each is its secretary."""
    first = Member.objects.count()
    for number in range(count):
        org, path, *_ = (
            branches[number] if number < len(branches) else branches[int(len(branches) * chance.random() ** 2)]
        )
        born = datetime.date(1955, 1, 1) + datetime.timedelta(days=chance.randrange(17_000))
        joined = max(born + datetime.timedelta(days=7000 + chance.randrange(9000)), datetime.date(1975, 1, 1))
        probationary = number % 9 == 8
        joined = datetime.date(2026, 1, 1) + datetime.timedelta(days=number % 180) if probationary else min(joined, LAST_DAY)
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
        yield {
            "code": f"GM{first + number:08d}", "name": name, "initials": pinyin_initials(name), "org_id": org,
            "org_path": path, "sex": "1" if number % 5 < 3 else "2", "nation": "01" if number % 12 else "11",
            "born_on": born, "joined_on": joined,
            "formal_on": None if probationary else joined + datetime.timedelta(days=365),
            "education": EDUCATIONS[chance.randrange(len(EDUCATIONS))],
            "occupation": OCCUPATIONS[chance.randrange(len(OCCUPATIONS))],
            "employer_id": chance.choice(firms[org]) if org in firms and number % 10 else None,
            "_leads": number < len(branches), "_serial": number % 499,
        }  # fmt: skip


def _write(people: list[dict[str, Any]]) -> None:
    ids = new_ids(Member, len(people))
    members, memberships, posts = [], [], []
    for pk, person in zip(ids, people, strict=True):
        leads, serial = person.pop("_leads"), person.pop("_serial")
        number = make_id_number("210603", person["born_on"], 1 + serial * 2 + (person["sex"] == "2"))
        sealed = sealed_columns(Member, "id_number", pk, number)
        sealed["id_number_index"] = f"{pk:064x}"  # invented numbers may meet; the index must not
        phone = sealed_columns(Member, "phone", pk, f"138{pk % 10**8:08d}")
        members.append({"id": pk, **person, **sealed, **phone})
        place = {"org_id": person["org_id"], "org_path": person["org_path"], "since": max(FIRST_DAY, person["joined_on"])}
        memberships.append({"member_id": pk, "enterprise_id": person["employer_id"], **place})
        if leads:
            posts.append({"member_id": pk, "name": person["name"], "role": PostRole.SECRETARY.value, **place})
    insert_rows(Member, members)
    insert_rows(Membership, memberships)
    insert_rows(Post, posts)
