from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "apps.members"
    verbose_name = "党员"

    def ready(self) -> None:
        """Tell the apps below what the rosters hold: on a restructuring, and when an enterprise leaves the park."""
        from apps.branches.dependents import register_dependents
        from apps.branches.figures import register_figure
        from apps.branches.headcount import register_headcount
        from apps.branches.leaders import register_secretary
        from apps.branches.relocation import register_ending, register_relocation
        from apps.enterprises.departures import register_departure

        from . import org_figures, secretaries
        from .services import placements, restructuring

        register_headcount(org_figures.headcounts)
        register_secretary(secretaries.secretary_name)
        register_figure("members.formal", "正式党员", org_figures.formal_below, order=20)
        register_figure("members.all", "党员", org_figures.members_below, order=21)
        register_dependents("members.members", org_figures.members_left)
        register_dependents("members.transfers", org_figures.transfers_left)
        register_dependents("members.mobile", org_figures.records_left)
        register_dependents("members.agreements", org_figures.agreements_left)
        register_relocation(restructuring.HELD, "党员", restructuring.move_members, restructuring.members_of)
        register_ending("members.posts", restructuring.end_posts_of)
        register_departure(placements.await_placement)
