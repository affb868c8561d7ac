//! What a receiver repeats of a hook's secrets stands nowhere.

use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use crate::own_request::{logged, of, publish, set, template};
use wigwag_base::Secret;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::{Attempt, Outcome, SentBody};

fn response_of(attempt: &Attempt) -> (String, String) {
    let response = attempt.outcome.response().unwrap();
    let headers: Vec<String> =
        response.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (headers.join("\n"), String::from_utf8_lossy(&response.body).into_owned())
}

#[tokio::test]
async fn what_comes_back_is_masked_in_every_form_and_before_it_is_cut() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    let fields = HookFields {
        url_variables: vec![set("key", "s3cr3t part/ü")],
        custom_headers: vec![set("Authorization", "Bearer s3cr3t-bearer")],
        token: Some(Secret::new("s3cr3t-token".into())),
        ..HookFields::default()
    };
    let url = receiver.url.replace("http://", "http://anna:s3cr3t-pw@");
    let hook = shop.hook(of(&format!("{url}/{{key}}"), fields)).await;
    let location = format!("https://elsewhere.example/{}s3cr3t-token", "x".repeat(170));
    let cut = format!("{}s3cr3t-token", "y".repeat(1_024 - 8));
    receiver.answer_with(302);
    receiver.say(
        &[("location", &location), ("x-cut", &cut), ("x-echo", "S3CR3T-BEARER YW5uYTpzM2NyM3QtcHc=")],
        format!("POST /s3cr3t%20part/%C3%BC by s3cr3t-pw {{\"key\":\"s3cr3t part\\/\\u00fc\"}} {}", {
            let mut rest = "z".repeat(8 * 1_024 - 78);
            rest.push_str("s3cr3t-token");
            rest
        }),
    );
    publish(&shop, "{}").await;
    let sent = logged(&shop, &hook).await.remove(0);
    let (headers, body) = response_of(&sent);
    let Outcome::Failure(failure) = &sent.outcome else { panic!("a redirect is refused") };
    for text in [&failure.text, &headers, &body] {
        assert!(!text.to_ascii_lowercase().contains("s3cr"), "{text}");
    }
    assert!(failure.text.contains("xxx{tok"), "{}", failure.text);
    assert!(headers.contains("x-echo: {Authorization} ***"), "{headers}");
    assert!(headers.contains("yyy{token}"), "{headers}");
    assert!(body.starts_with("POST /{key} by *** {\"key\":\"{key}\"} zzz"), "{body}");
    assert!(!format!("{:?}", shop.read(&hook).await).contains("s3cr"));
}

#[tokio::test]
async fn a_name_that_holds_a_value_does_not_make_the_log_grow() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    let names = ["aaaa".repeat(63), "bbbb".repeat(63), "cccc".repeat(63), "dddd".repeat(63)];
    let values = ["zzzz", "aaaa", "bbbb", "cccc"];
    let custom_headers = names.iter().zip(values).map(|(name, value)| set(name, value)).collect();
    let hook = shop.hook(HookFields { custom_headers, ..to(&receiver.url) }).await;
    receiver.say(&[], "zzzz ".repeat(1_638));
    publish(&shop, "{}").await;
    let (_, body) = response_of(&logged(&shop, &hook).await.remove(0));
    assert!(body.len() <= 8 * 1_024 && body.starts_with("{aaaa") && !body.contains('b'), "{}", body.len());
}

#[tokio::test]
async fn a_template_that_makes_much_of_little_fails_with_words() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let text = format!("\"{}\"", "{{a}}".repeat(800));
    let hook = shop.hook(HookFields { template: template(&text), ..to(&receiver.url) }).await;
    publish(&shop, &format!("{{\"a\":\"{}\"}}", "x".repeat(32 << 10))).await;
    let sent = logged(&shop, &hook).await.remove(0);
    let Outcome::Failure(failure) = &sent.outcome else { panic!("it is too long") };
    assert!(failure.text.contains("makes more than 131104 bytes of this payload"), "{}", failure.text);
    assert_eq!((sent.request_body, receiver.seen()), (SentBody::Unmade, vec![]));
    publish(&shop, "{\"a\":\"x\"}").await;
    assert_eq!(receiver.next().await.body, format!("\"{}\"", "x".repeat(800)));
}
