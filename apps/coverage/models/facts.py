"""One enterprise on one day, classified: rows of a report's SQL under the clothes of a model.

`Fact.objects.of(sql)` is a queryset over the SQL that `names_sql` builds, so a ledger filters, orders, pages
and streams the same relation that the figures were counted on. There is no table `coverage_fact`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.sql.datastructures import BaseTable
from django.db.models.sql.query import Query

from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager, ScopedModel, ScopedQuerySet
from apps.core.sql import Sql


class _Relation(BaseTable):
    """A FROM item that is a subquery instead of a table."""

    def __init__(self, table_name: str, alias: str | None, sql: Sql) -> None:
        super().__init__(table_name, alias)
        self.sql = sql

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return f"({self.sql.text}) {compiler.quote_name_unless_alias(self.table_alias)}", list(self.sql.params)

    def relabeled_clone(self, change_map: dict[str | None, str]) -> _Relation:
        return type(self)(self.table_name, change_map.get(self.table_alias, self.table_alias), self.sql)


class FactQuery(Query):
    """A query whose base table is the given SQL."""

    relation: Sql | None = None

    @property
    def base_table_class(self) -> Callable[[str, str | None], _Relation]:  # type: ignore[override]
        if self.relation is None:
            raise TypeError("facts have no table: use Fact.objects.of(sql)")
        sql = self.relation
        return lambda table_name, alias: _Relation(table_name, alias, sql)


class FactQuerySet(ScopedQuerySet):
    def of(self, sql: Sql) -> Any:
        """The rows of `sql`, narrowed to the active scope."""
        query = FactQuery(self.model)
        query.relation = sql
        return type(self)(self.model, query, self._db).apply_scope()


class FactManager(ScopedManager.from_queryset(FactQuerySet)):  # type: ignore[misc]
    """Hands out nothing but the rows of a given SQL."""

    def get_queryset(self) -> Any:
        return FactQuerySet(self.model, FactQuery(self.model), self._db)


class Fact(ScopedModel):
    """What one report says about one enterprise. `scope_path` is the node through which it may be seen."""

    scope_lookup = "scope_path"
    keeps_old_path = True

    enterprise_id = models.BigIntegerField(primary_key=True)
    scope_path = PathField()
    enterprise_path = PathField()
    org_path = PathField("路径")
    initials = models.CharField("拼音首字母", max_length=60)
    name = models.CharField("企业名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18)
    unit_kind = models.CharField("单位类别", max_length=20)
    industry = models.CharField("行业门类", max_length=1)
    org_id = models.BigIntegerField()
    org_name = models.CharField("责任党组织", max_length=100)
    org_line = models.CharField("组织层级", max_length=800)
    park_id = models.BigIntegerField(null=True)
    park_name = models.CharField("园区", max_length=60)
    park_level = models.CharField("园区级别", max_length=10)
    building_id = models.BigIntegerField(null=True)
    building_name = models.CharField("楼栋", max_length=60)
    status = models.CharField("经营状态", max_length=10)
    has_premises = models.BooleanField("有固定经营场所")
    has_operations = models.BooleanField("有生产经营活动")
    staff = models.IntegerField("职工数")
    formal_members = models.IntegerField("正式党员")
    probationary_members = models.IntegerField("预备党员")
    members_elsewhere = models.IntegerField("关系未转入党员")
    applicants = models.IntegerField("入党申请人和积极分子")
    unbuilt_reason = models.CharField("未建原因", max_length=20)
    unbuilt_note = models.CharField("未建原因说明", max_length=200)
    forms = ArrayField(models.CharField(max_length=10))
    covering = models.JSONField("覆盖的党组织")
    has_instructor = models.BooleanField("有指导员")
    instructor_names = models.CharField("党建指导员", max_length=500)
    has_mass = models.BooleanField("有群团组织")
    mass_kinds = ArrayField(models.CharField(max_length=12))
    return_state = models.CharField("摸底表状态", max_length=12)
    surveyed = models.BooleanField("已摸底")
    from_roster = models.BooleanField("党员数取自名册")
    census_members = models.IntegerField("摸底正式党员")

    reason = models.CharField("剔除原因", max_length=20, null=True)
    in_denominator = models.BooleanField("计入分母")
    organisation_covered = models.BooleanField("组织覆盖")
    work_covered = models.BooleanField("工作覆盖")
    single_built = models.BooleanField("单独组建")
    focus = models.BooleanField("重点规模")
    attention = models.BooleanField("应有党员规模")
    should_build = models.BooleanField("应建未建")
    should_join = models.BooleanField("应联未联")
    uncovered = models.BooleanField("未覆盖")
    step = models.CharField("最近的路", max_length=10)
    step_rank = models.SmallIntegerField()

    objects = FactManager()

    class Meta:
        managed = False
        verbose_name = "覆盖名单"
        ordering = ["org_path", "enterprise_id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/enterprises/{self.enterprise_id}/"
