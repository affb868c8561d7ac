use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use std::sync::atomic::AtomicU64;
use wigwag_engine::Engine;

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(super) struct Kept {
    environment: String,
}

/// How long ago the flags of each environment that another server keeps were read; without end if never.
pub(super) fn ages(engine: &Engine) -> Family<Kept, Gauge<f64, AtomicU64>> {
    let (family, now) = (Family::<Kept, Gauge<f64, AtomicU64>>::default(), engine.now());
    for (environment, status) in engine.remotes() {
        let age = status.read_at.map_or(f64::INFINITY, |at| now.since(at).as_secs_f64());
        family.get_or_create(&Kept { environment }).set(age);
    }
    family
}
