//! A reply as text, with and without colours, and as HTML.
#![allow(clippy::unwrap_used, missing_docs)]

use wigwag_chat::render::{Style, html, text};
use wigwag_chat::{ButtonStyle, Reply};

fn replies() -> [Reply; 4] {
    let done = Reply::done()
        .text("webhooks_failed_callout in production: off -> conditional.")
        .fields(vec![
            ("actors".into(), "not set -> Project:1".into()),
            ("page".into(), "https://wigwag.example/-/flags/f.".into()),
        ])
        .text("To undo:")
        .code("feature delete webhooks_failed_callout --env=production")
        .button("Undo", ButtonStyle::Danger, "{}");
    let table = Reply::done().text("dev: 1 on.").table(
        &["flag", "state"],
        vec![vec!["a".into(), "on".into()], vec!["a_longer_one".into(), String::new()]],
    );
    let hostile = Reply::refused()
        .text("<script>alert(1)</script> \u{1b}[2J \u{202E}x https://a.example/\"onload=\"x")
        .code("a\n\u{1b}]0;title\u{7}\n</pre>")
        .fields(vec![("<b>".into(), "&amp; javascript:alert(1)".into())])
        .table(&["<i>", "b"], vec![vec!["x\ny".into()]]);
    let lines = Reply::done()
        .text("two\nlines")
        .fields(vec![("label".into(), "of two\nlines".into()), ("a longer one".into(), String::new())])
        .text("(see https://a.example/b?c=d&e) and http:// or https://., not ftp://a.example");
    [done, table, hostile, lines]
}

#[test]
fn as_text() {
    let shown: Vec<String> = replies().iter().map(|reply| text(reply, Style::Plain)).collect();
    insta::assert_snapshot!(shown.join("\n--\n"), @r#"
    webhooks_failed_callout in production: off -> conditional.
      actors  not set -> Project:1
      page    https://wigwag.example/-/flags/f.
    To undo:
        feature delete webhooks_failed_callout --env=production
    --
    dev: 1 on.
      flag          state
      a             on
      a_longer_one
    --
    <script>alert(1)</script> �[2J �x https://a.example/"onload="x
        a
        �]0;title�
        </pre>
      <b>  &amp; javascript:alert(1)
      <i>  b
      x y
    --
    two
    lines
      label         of two
                    lines
      a longer one
    (see https://a.example/b?c=d&e) and http:// or https://., not ftp://a.example
    "#);
}

#[test]
fn as_text_with_colours() {
    let shown: Vec<String> =
        replies().iter().map(|reply| text(reply, Style::Coloured).replace('\u{1b}', "ESC")).collect();
    insta::assert_snapshot!(shown.join("\n--\n"), @r#"
    ESC[32mwebhooks_failed_callout in production: off -> conditional.ESC[0m
      ESC[2mactorsESC[0m  not set -> Project:1
      ESC[2mpage  ESC[0m  https://wigwag.example/-/flags/f.
    To undo:
        ESC[1mfeature delete webhooks_failed_callout --env=productionESC[0m
    --
    ESC[32mdev: 1 on.ESC[0m
    ESC[1m  flag          stateESC[0m
      a             on
      a_longer_one
    --
    ESC[31m<script>alert(1)</script> �[2J �x https://a.example/"onload="xESC[0m
        ESC[1maESC[0m
        ESC[1m�]0;title�ESC[0m
        ESC[1m</pre>ESC[0m
      ESC[2m<b>ESC[0m  &amp; javascript:alert(1)
    ESC[1m  <i>  bESC[0m
      x y
    --
    ESC[32mtwo
    linesESC[0m
      ESC[2mlabel       ESC[0m  of two
                    lines
      ESC[2ma longer oneESC[0m
    (see https://a.example/b?c=d&e) and http:// or https://., not ftp://a.example
    "#);
}

#[test]
fn as_html() {
    let shown: Vec<String> = replies().iter().map(html).collect();
    insta::assert_snapshot!(shown.join("\n--\n"), @r#"
    <p>webhooks_failed_callout in production: off -&gt; conditional.</p><dl class="facts"><div><dt>actors</dt><dd>not set -&gt; Project:1</dd></div><div><dt>page</dt><dd><a href="https://wigwag.example/-/flags/f" rel="noopener">https://wigwag.example/-/flags/f</a>.</dd></div></dl><p>To undo:</p><pre class="command" data-copy>feature delete webhooks_failed_callout --env=production</pre>
    --
    <p>dev: 1 on.</p><table class="cards"><thead><tr><th scope="col">flag</th><th scope="col">state</th></tr></thead><tbody><tr><td data-label="flag">a</td><td data-label="state">on</td></tr><tr><td data-label="flag">a_longer_one</td><td data-label="state"></td></tr></tbody></table>
    --
    <p>&lt;script&gt;alert(1)&lt;/script&gt; �[2J �x <a href="https://a.example/" rel="noopener">https://a.example/</a>&quot;onload=&quot;x</p><pre class="command" data-copy>a
    �]0;title�
    &lt;/pre&gt;</pre><dl class="facts"><div><dt>&lt;b&gt;</dt><dd>&amp;amp; javascript:alert(1)</dd></div></dl><table class="cards"><thead><tr><th scope="col">&lt;i&gt;</th><th scope="col">b</th></tr></thead><tbody><tr><td data-label="&lt;i&gt;">x<br>y</td></tr></tbody></table>
    --
    <p>two<br>lines</p><dl class="facts"><div><dt>label</dt><dd>of two<br>lines</dd></div><div><dt>a longer one</dt><dd></dd></div></dl><p>(see <a href="https://a.example/b?c=d&amp;e" rel="noopener">https://a.example/b?c=d&amp;e</a>) and http:// or https://., not ftp://a.example</p>
    "#);
    assert!(!shown[2].contains("<script") && !shown[2].contains("<b>") && !shown[2].contains("</pre>\n"));
}
