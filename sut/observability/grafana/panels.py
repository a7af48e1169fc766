"""What all our panels share: where they ask, their size, their thresholds, and a word of explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grafana_foundation_sdk.builders import common, prometheus, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

#: The data source as provisioned in provisioning/datasources/.
PROMETHEUS = models.DataSourceRef(type_val="prometheus", uid="prometheus")
#: Grafana puts in the shortest window that has enough scrapes.
WINDOW = "$__rate_interval"
_GREEN, _ORANGE, _RED = "green", "orange", "red"
_LETTERS = "ABCDEFGH"

Panel: TypeAlias = timeseries.Panel | stat.Panel


@dataclass(frozen=True)
class Ask:
    """One query and how its series are named."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Bounds:
    """From where on a value is a warning, and from where on it is bad; `falling` where less is worse."""

    warn: float | None
    bad: float
    falling: bool = False

    def build(self) -> build.ThresholdsConfig:
        """Return them as Grafana wants them: each colour from its value upwards."""
        marks = [(self.warn, _ORANGE), (self.bad, _RED)]
        known = [(value, colour) for value, colour in marks if value is not None]
        if self.falling:
            known.reverse()
            values = [None, *(value for value, _ in known)]
            colours = [*(colour for _, colour in known), _GREEN]
        else:
            values = [None, *(value for value, _ in known)]
            colours = [_GREEN, *(colour for _, colour in known)]
        return _thresholds(values, colours)


def _thresholds(values: Sequence[float | None], colours: Sequence[str]) -> build.ThresholdsConfig:
    """Return them written out also where nothing is bad: Grafana's own default is red from 80 on."""
    steps = [
        models.Threshold(value=value, color=colour) for value, colour in zip(values, colours, strict=True)
    ]
    return build.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def number(
    title: str, why: str, ask: Ask, *, unit: str = "short", bounds: Bounds | None = None
) -> stat.Panel:
    """Return a panel that shows one figure as it is now."""
    panel = (
        stat.Panel()
        .title(title)
        .description(why)
        .datasource(PROMETHEUS)
        .unit(unit)
        .height(4)
        .span(4)
        .color_mode(common_models.BigValueColorMode.VALUE)
        .graph_mode(common_models.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_target(0, ask))
    )
    return panel.thresholds(bounds.build() if bounds else _thresholds([None], [_GREEN]))


def lines(
    title: str,
    why: str,
    *asks: Ask,
    unit: str = "short",
    bounds: Bounds | None = None,
    stacked: bool = False,
    span: int = 12,
) -> timeseries.Panel:
    """Return a panel that shows how figures went; a bound is drawn as a line."""
    legend = common.VizLegendOptions().show_legend(True).placement(common_models.LegendPlacement.BOTTOM)
    panel = (
        timeseries.Panel()
        .title(title)
        .description(why)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .height(8)
        .span(span)
        .fill_opacity(30 if stacked else 5)
        .legend(legend.display_mode(common_models.LegendDisplayMode.LIST).calcs([]))
        .tooltip(common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL))
    if bounds:
        drawn = common.GraphThresholdsStyleConfig().mode(common_models.GraphTresholdsStyleMode.DASHED)
        panel = panel.thresholds(bounds.build()).thresholds_style(drawn)
    for place, ask in enumerate(asks):
        panel = panel.with_target(_target(place, ask))
    return panel


def dashboard(uid: str, title: str, why: str, rows: dict[str, list[Panel]]) -> models.Dashboard:
    """Return a dashboard of rows of panels; all of ours link to each other by their tag."""
    to_others = build.DashboardLink("Assay").type(models.DashboardLinkType.DASHBOARDS).tags(["assay"])
    made = (
        build.Dashboard(f"Assay: {title}")
        .uid(uid)
        .description(why)
        .tags(["assay"])
        .timezone("utc")
        .refresh("30s")
        .time("now-1h", "now")
        .readonly()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(to_others.as_dropdown(True).keep_time(True))
    )
    count = 0
    for name, panels in rows.items():
        made = made.with_row(build.Row(name).id(count := count + 1))
        for panel in panels:
            made = made.with_panel(panel.id(count := count + 1))
    return made.build()


def percentile(share: float, metric: str, by: str, where: str = "") -> str:
    """Return a query for a percentile of a histogram, by a label."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket{where}[{WINDOW}])))"


def _target(place: int, ask: Ask) -> prometheus.Dataquery:
    query = prometheus.Dataquery().datasource(PROMETHEUS).expr(ask.expr).ref_id(_LETTERS[place]).range()
    return query.legend_format(ask.legend or "__auto")
