//! The certificate that a hook's requests show.

use crate::common::house::verdict;
use crate::hooks::{Shop, to};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use wigwag_base::Secret;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::Ordering;

/// A certificate that ends in this year, and its key.
fn own(ends: i32) -> (String, String) {
    let mut params = CertificateParams::new(vec!["shop.example".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(1960, 1, 1), date_time_ymd(ends, 1, 1));
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn showing(certificate: &str, key: &str) -> HookFields {
    HookFields {
        client_certificate: Some(certificate.to_owned()),
        client_key: Some(Secret::new(key.to_owned())),
        ..HookFields::default()
    }
}

#[tokio::test]
async fn a_certificate_is_kept_shown_and_does_not_follow_the_hook_elsewhere() {
    let shop = Shop::new().await;
    let (certificate, key) = own(2040);
    let url = "http://127.0.0.1:9/a";
    let made = shop.hook(HookFields { url: to(url).url, ..showing(&certificate, &key) }).await;
    let shown = made.client_certificate.clone().unwrap();
    assert_eq!(
        (shown.subject.as_str(), shown.expires_at.as_secs()),
        ("CN=rcgen self signed cert", 2_208_988_800)
    );
    assert!(!format!("{made:?}").contains(&key), "the key is a secret");
    let same = shop.update(&made, to(url)).await;
    assert_eq!(same.hook.client_identity, made.hook.client_identity);
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_by_its_field() {
    let shop = Shop::new().await;
    let (certificate, key) = own(2040);
    let hook = shop.hook(to("http://127.0.0.1:9/a")).await;
    let check = async |fields: HookFields, told: &str| {
        let engine = &shop.house.engine;
        let verdict = verdict(engine.update_hook(&shop.mia, shop.scope, hook.hook.id, fields).await);
        assert!(verdict.starts_with(told), "{verdict}");
    };
    check(showing(&certificate, ""), "client_certificate needs its private key").await;
    check(showing("", &key), "client_key needs its certificate").await;
    check(showing("nonsense", &key), "client_certificate must be certificates in PEM").await;
    check(showing(&certificate, "nonsense"), "client_key must be one private key in PEM").await;
    check(showing(&certificate, &own(2040).1), "client_key is not the key of the certificate").await;
    let (old, old_key) = own(1970);
    check(showing(&old, &old_key), "client_certificate has ended").await;
    check(showing(&certificate, &key), "ok").await;
    check(HookFields { ordering: Some(Ordering::Strict), ..HookFields::default() }, "ok").await;
    let kept = shop.read(&hook).await;
    assert!(kept.client_certificate.is_some() && kept.hook.ordering == Ordering::Strict);
    check(to("http://127.0.0.1:9/b"), "ok").await;
    assert_eq!(shop.read(&hook).await.hook.client_identity, None);
    check(showing(&certificate, &key), "ok").await;
    check(showing("", ""), "ok").await;
    assert_eq!(shop.read(&hook).await.client_certificate, None);
}
