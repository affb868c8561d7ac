use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use wigwag_engine::Engine;

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Ended {
    ending: &'static str,
}

/// What became of the hooks that banners told of.
pub(super) fn register(registry: &mut Registry, engine: &Engine) {
    let counts = engine.episode_counts();
    let gauge = |value: u64| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    let help = "Hooks that a banner told of and that fail still.";
    registry.register("callout_hooks_failing", help, gauge(counts.open));
    let help = "Hooks that a banner told of a week ago or longer and that fail still.";
    registry.register("callout_hooks_ignored", help, gauge(counts.ignored));
    let ended: Family<Ended, Counter> = Family::default();
    let endings = &counts.endings;
    let all =
        [("mended", endings.mended), ("deleted", endings.deleted), ("switched_off", endings.switched_off)];
    for (ending, count) in all {
        ended.get_or_create(&Ended { ending }).inc_by(count);
    }
    registry.register("callout_hooks_ended", "Hooks that a banner had told of, by how that ended.", ended);
}
