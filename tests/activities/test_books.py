"""记录本: what stands in a book, how it is set as docx and PDF, and when a year is archived."""

from __future__ import annotations

import datetime
import io
import re
import zipfile

import pytest
from docx import Document

from apps.activities.books import fonts
from apps.activities.books.content import BookContent
from apps.activities.books.making import KIND
from apps.activities.books.paragraphs import lines_of
from apps.activities.books.pdf import MOST_CHARACTERS, as_data, pdf_of
from apps.activities.books.reading import read_book
from apps.activities.books.status import statuses, with_books
from apps.activities.books.word import write_book
from apps.activities.kinds import Book
from apps.activities.models import MadeBook
from apps.activities.services.records_review import confirm_activities
from apps.branches.models import PartyOrg
from apps.core import jobs
from apps.core.errors import DomainError
from apps.core.models import AuditEntry, Job
from apps.core.periods import Period
from apps.members.models import Membership

D = datetime.date
YEAR = Period("year", 2026)
HOSTILE = '#pagebreak() *粗* $x^2$ _斜_ `码` @引 <标> \\ [括] #read("/etc/passwd") & "引" {{ x }} <script>'


def content_of(org, book=Book.MEETINGS, period=YEAR, reader=None) -> BookContent:
    at = datetime.datetime(2026, 11, 22, 9, 5, tzinfo=datetime.UTC)
    return read_book(org, book, period, reader=reader, at=at)


@pytest.fixture
def bound(cast, officer):
    """A book read by the park officer."""
    return lambda book=Book.MEETINGS, org=cast.branch_a, period=YEAR: content_of(org, book, period, officer)


def fields(entry) -> dict[str, str]:
    pairs = {one.label: one.text for pair in entry.pairs for one in pair}
    return pairs | {one.label: one.text for one in entry.wide}


def word(content) -> bytes:
    target = io.BytesIO()
    write_book(content, target)
    return target.getvalue()


# what stands in a book


def test_a_book_holds_what_was_handed_in_that_year_in_the_order_of_the_days(logbook, cast, roster, bound):
    logbook.log("assembly", day=D(2026, 10, 12), title="第二")
    logbook.log("assembly", day=D(2026, 1, 5), title="第一")
    logbook.log("assembly", day=D(2025, 12, 31), title="去年")
    logbook.log("assembly", day=D(2026, 10, 13), title="草稿", submit=False)
    logbook.log("assembly", org=cast.branch_b, day=D(2026, 10, 13), title="别的支部")
    assert [(entry.number, entry.title) for entry in bound().entries] == [(1, "第一"), (2, "第二")]
    assert [entry.title for entry in bound(period=Period("quarter", 2026, 4)).entries] == ["第二"]


def test_each_kind_stands_in_its_book_and_a_record_of_two_kinds_in_both(logbook, cast, roster, bound):
    logbook.log("theme_day", day=D(2026, 10, 15), second_kind="lecture", title="党日里的党课")
    logbook.log("study", day=D(2026, 10, 16), title="学习")
    logbook.log("volunteering", day=D(2026, 10, 17), chosen=[roster.worker_a1], title="志愿服务")
    logbook.log("theme_day", org=cast.branch_b, day=D(2026, 9, 15), co_hosts=[cast.branch_a], title="联合党日")
    found = {book: [entry.title for entry in bound(book).entries] for book in Book}
    assert found == {
        Book.MEETINGS: ["党日里的党课"], Book.THEME_DAYS: ["联合党日", "党日里的党课"], Book.STUDY: ["学习"],
        Book.ACTIVITIES: ["志愿服务"],
    }  # fmt: skip
    joint = bound(Book.THEME_DAYS).entries[0]
    assert fields(joint)["主办党组织"] == cast.branch_b.name
    assert fields(joint)["应到"] == "6 人"
    assert fields(bound(Book.ACTIVITIES).entries[0])["参加人员"] == "陈一鸣"


def test_the_meeting_of_a_group_is_bound_with_its_branch(logbook, cast, roster, bound):
    Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
    logbook.log("group_meeting", org=cast.group_a, day=D(2026, 10, 12), title="小组会")
    (entry,) = bound().entries
    assert (entry.title, entry.org) == ("小组会", cast.group_a.name)


def test_the_form_has_every_official_line(logbook, cast, roster, bound):
    logbook.log("assembly", day=D(2026, 9, 15), absent=[(roster.worker_a1, "illness")], visitors=[roster.sibling_1], hour=19,
                place="三楼", chair="王书记", recorder="孙委员", guests="积极分子二人", reported=D(2026, 10, 1))  # fmt: skip
    found = fields(bound().entries[0])
    assert set(found) >= {"时间", "地点", "主持人", "记录人", "应到", "实到", "缺席人员及原因", "列席人员", "议题", "内容记录",
                          "形成的决议", "表决情况"}  # fmt: skip
    assert found["时间"] == "2026年9月15日（星期二）19:00"
    assert (found["应到"], found["实到"]) == ("6 人", "5 人（到会率 83.3%）")
    assert (found["缺席人员及原因"], found["列席人员"]) == ("陈一鸣（病假）", "积极分子二人；来访党员：冯涛")
    assert bound().entries[0].remark == "已提交，尚未审核。2026-10-01 提交，迟报 9 天。"


def test_rich_minutes_keep_their_paragraphs_and_no_tag():
    html = "<h3>议程</h3><p>传达<strong>精神</strong> &amp; 讨论</p><ol><li>甲</li><li>乙</li></ol><script>x</script>"
    assert [(line.mark + line.text, line.level) for line in lines_of(html, rich=True)] == [
        ("议程", 1), ("传达精神 & 讨论", 0), ("1. 甲", 0), ("2. 乙", 0)
    ]  # fmt: skip
    assert [line.text for line in lines_of("一\n\n <b>二</b> \x07")] == ["一", "<b>二</b>"]


# paper


def test_what_people_typed_is_never_read_as_markup(logbook, roster, bound):
    logbook.log(
        "assembly", day=D(2026, 10, 12), title=HOSTILE[:100], minutes=f"{HOSTILE}\n𬱖𪚥·阿依古丽", place="<w:br/>"
    )
    content = bound()
    assert HOSTILE in as_data(content)["entries"][0]["wide"][4]["text"]
    assert pdf_of(content).startswith(b"%PDF-")
    document = Document(io.BytesIO(word(content)))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert any(HOSTILE in text and "𬱖𪚥·阿依古丽" in text for text in cells)
    assert "<w:br/>" in cells


def test_the_word_contents_refer_to_the_page_of_each_record(logbook, roster, bound):
    for month in (1, 2, 3):
        logbook.log("assembly", day=D(2026, month, 12), title=f"{month}月大会")
    xml = zipfile.ZipFile(io.BytesIO(word(bound()))).read("word/document.xml").decode()
    marks = re.findall(r'w:bookmarkStart[^>]* w:name="(entry_\d+)"', xml)
    assert marks == ["entry_1", "entry_2", "entry_3"]
    assert re.findall(r"PAGEREF (entry_\d+) ", xml) == marks
    assert 'w:eastAsia="仿宋"' in xml
    parts = zipfile.ZipFile(io.BytesIO(word(bound())))
    assert 'w:altName w:val="FangSong' in parts.read("word/fontTable.xml").decode()
    assert not [name for name in parts.namelist() if "thumbnail" in name]
    assert "导出，仅限党务工作使用" in parts.read("word/footer1.xml").decode() + parts.read("word/footer2.xml").decode()


def test_without_a_chinese_font_a_pdf_is_refused_by_the_name_of_the_package(logbook, roster, bound, monkeypatch):
    logbook.log("assembly", day=D(2026, 10, 12))

    class Latin:
        @staticmethod
        def families():
            return ["DejaVu Sans"]

    machine = type("Machine", (), {"cache_clear": staticmethod(lambda: None), "__call__": lambda self: Latin})()
    monkeypatch.setattr(fonts, "machine_fonts", machine)
    with pytest.raises(DomainError, match="fonts-noto-cjk"):
        pdf_of(bound())


def test_fifty_thousand_characters_and_two_hundred_records_are_set(logbook, roster, bound):
    logbook.log("assembly", day=D(2026, 10, 12), minutes="会议传达学习了精神。" * 5_000)
    long = bound()
    assert long.characters > 50_000
    assert pdf_of(long).startswith(b"%PDF-")
    entries = tuple(type(long.entries[0])(**{**vars(long.entries[0]), "number": n, "wide": ()}) for n in range(1, 201))
    many = type(long)(**{**vars(long), "entries": entries})
    assert pdf_of(many).startswith(b"%PDF-")
    assert len(Document(io.BytesIO(word(many))).tables) == 201


@pytest.mark.parametrize(("over", "refused"), [(0, False), (1, True)])
def test_more_than_can_be_set_at_once_is_refused(logbook, roster, bound, monkeypatch, over, refused):
    logbook.log("assembly", day=D(2026, 10, 12), minutes="会")
    content = bound()
    monkeypatch.setattr("apps.activities.books.pdf.MOST_CHARACTERS", content.characters - over)
    assert MOST_CHARACTERS == 1_000_000
    if refused:
        with pytest.raises(DomainError, match="按季度生成"):
            pdf_of(content)
    else:
        assert pdf_of(content)


# making and archive


@pytest.fixture
def make(cast, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(jobs, "_queue", lambda pk: None)

    def run(user=None, org=cast.branch_a, **params) -> Job:
        given = {"org": org.pk, "book": "meetings", "period": "2026", "format": "docx"} | params
        user = user or cast.users.secretary_a
        job = jobs.start_job(kind=KIND, title="记录本", params=given, permission="activities.view", actor=user)
        jobs.run(job.pk)
        job.refresh_from_db()
        return job

    return run


def status(org) -> str:
    return statuses(with_books(PartyOrg.objects.filter(pk=org.pk), 2026).get())[0].label


def test_a_year_is_archived_when_all_is_confirmed_and_the_book_was_made_after_the_last_change(
    logbook, cast, roster, officer, make, today
):
    assert status(cast.branch_a) == "无记录"
    first = logbook.log("assembly", day=D(2026, 10, 12))
    assert status(cast.branch_a) == "1 篇待审核"
    draft = logbook.log("assembly", day=D(2026, 10, 20), submit=False)
    assert status(cast.branch_a) == "1 篇未完成"
    draft.delete()
    make()
    assert status(cast.branch_a) == "1 篇待审核"
    confirm_activities(activities=[first], actor=officer, today=today)
    assert status(cast.branch_a) == "有变化，待重新生成"
    make(period="2026Q4")
    assert status(cast.branch_a) == "有变化，待重新生成"
    assert make(format="pdf").state == "done"
    assert status(cast.branch_a) == "已归档"
    second = logbook.log("assembly", day=D(2026, 11, 2))
    confirm_activities(activities=[second], actor=officer, today=today)
    assert status(cast.branch_a) == "有变化，待重新生成"


def test_a_book_is_made_by_a_job_with_a_trace(logbook, cast, roster, make, client):
    logbook.log("assembly", day=D(2026, 10, 12))
    job = make()
    assert (job.state, job.percent, job.message) == ("done", 100, "共 1 篇")
    assert re.fullmatch(r"子公司党支部_2026年_三会一课记录本_\d{8}_\d{4}\.docx", job.file_name)
    client.force_login(cast.users.secretary_a)
    assert b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content)[:2] == b"PK"
    entry = AuditEntry.objects.get(action="book.made")
    assert (entry.org_path, entry.actor_name) == (cast.branch_a.path, "王书记")
    with cast.within(cast.branch_a):
        assert MadeBook.objects.get().records == 1


def test_an_empty_book_and_one_of_another_branch_are_not_made(logbook, cast, roster, make):
    logbook.log("assembly", org=cast.branch_b, day=D(2026, 10, 12))
    assert make().message == "「子公司党支部」2026年没有归入三会一课记录本的记录，没有生成文件。"
    assert (make(org=cast.branch_b).state, make(org=cast.branch_b).file_name) == ("failed", "")
    make(user=cast.users.visitor)
    assert not AuditEntry.objects.filter(action="book.made").exists()
