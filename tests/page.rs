//! The page in a real browser: asked, taught, browsed and queried as people do it, in light and dark, wide and narrow.
//!
//! Without Chromium these tests say "skipped". `QUID_SCREENSHOTS=folder` keeps the pictures, to be looked at.

#[path = "support/browser.rs"]
mod browser;
#[path = "support/server.rs"]
mod server;
#[path = "support.rs"]
mod support;

use browser::Browser;
use serde_json::json;
use server::{ADMIN, Server, TOKEN};

/// A browser at the page of a server that was taught a little.
fn visit() -> Option<(Browser, Server, tempfile::TempDir)> {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: no chromium");
        return None;
    };
    let home = tempfile::tempdir().expect("a folder");
    let server = Server::start(home.path());
    for text in
        ["pepsi is a soda", "a soda is a drink", "pepsi is also cold", "<img src=x onerror=alert(1)> is a drink"]
    {
        let taught = server.post("/learn", &[ADMIN], &json!({ "text": text }));
        assert!(taught.json()["statement"].is_string(), "{text}: {}", taught.text());
    }
    browser.look(1280, 900, false);
    browser.open(&format!("http://{}/", server.address));
    browser.until("document.querySelector('#ask:not([hidden])')");
    Some((browser, server, home))
}

/// Types a line into the box and waits for its answer; gives the answer's kind and words.
fn say(browser: &mut Browser, line: &str) -> (String, String) {
    let before = browser.value("document.querySelectorAll('.answer').length");
    browser.value("document.getElementById('line').focus()");
    browser.write(line);
    browser.press("Enter");
    browser.until(&format!("document.querySelectorAll('.answer[aria-busy=false]').length > {before}"));
    let last = "[...document.querySelectorAll('.answer')].at(-1)";
    (
        browser.text(&format!("{last}.dataset.kind")),
        browser.text(&format!("{last}.querySelector('.words').textContent")),
    )
}

#[test]
fn a_person_asks_and_sees_how_it_is_known() {
    let Some((mut browser, server, _home)) = visit() else { return };
    let (kind, words) = say(&mut browser, "is pepsi a drink?");
    assert_eq!(kind, "proved", "{words}");
    let last = "[...document.querySelectorAll('.answer')].at(-1)";
    assert_eq!(browser.text(&format!("{last}.querySelector('.kind').textContent")), "Proved", "said in words too");
    assert_eq!(browser.text("document.getElementById('stage').textContent"), "Proved.", "and to a screen reader");

    // The proof, as a tree and as a drawing.
    browser.value(&format!("[...{last}.querySelectorAll('.acts button')].find(b => b.textContent === 'Why?').click()"));
    let tree = browser.text(&format!("{last}.querySelector('.tree').textContent"));
    assert!(tree.contains("pepsi is a soda") && tree.contains("a soda is a drink"), "{tree}");
    browser.picture("tree");
    browser.value(&format!("{last}.querySelector('[role=tab][aria-selected=true]').focus()"));
    browser.press("ArrowRight");
    let drawing = browser.text(&format!("{last}.querySelector('.drawing svg').textContent"));
    assert!(drawing.contains("pepsi is a soda"), "{drawing}");
    let boxes = browser.value(&format!("{last}.querySelectorAll('.drawing rect').length")).as_u64().unwrap();
    let arrows = browser.value(&format!("{last}.querySelectorAll('.drawing svg > path').length")).as_u64().unwrap();
    assert!(boxes >= 3 && arrows >= boxes - 1, "{boxes} boxes, {arrows} arrows");
    browser.picture("drawing");

    let (kind, _) = say(&mut browser, "what is a blorb?");
    assert_eq!(kind, "unknown");
    let (kind, _) = say(&mut browser, "is <img src=x onerror=alert(1)> a drink?");
    assert_eq!(kind, "proved");
    assert_eq!(browser.value("document.querySelectorAll('#turns img').length"), 0, "words are words");

    // Who may not teach is told so, signs in, teaches and takes it back.
    let (kind, _) = say(&mut browser, "coffee is a drink");
    assert_eq!(kind, "error");
    browser.value(&format!("[...{last}.querySelectorAll('.acts button')].at(-1).click()"));
    browser.until("document.getElementById('signin').open");
    browser.value("document.getElementById('token').focus()");
    browser.write(TOKEN);
    browser.press("Enter");
    browser.until("!document.getElementById('signin').open && document.getElementById('access').textContent === 'ann'");
    let (kind, _) = say(&mut browser, "coffee is a drink");
    assert_eq!(kind, "done");
    browser.value(&format!("[...{last}.querySelectorAll('.acts button')].find(b => b.textContent === 'Undo').click()"));
    browser.until(&format!("{last}.querySelector('.acts [role=status]')"));
    let (kind, _) = say(&mut browser, "is coffee a drink?");
    assert_eq!(kind, "unknown");
    at_home(&browser, &server);
}

#[test]
fn a_person_browses_with_the_keyboard() {
    let Some((mut browser, server, _home)) = visit() else { return };
    browser.value("location.hash = '#/browse'");
    browser.until("document.activeElement.id === 'name'");
    browser.write("pep");
    browser.until("!document.getElementById('names').hidden");
    browser.press("ArrowDown");
    let chosen = browser.text("document.querySelector('#names [aria-selected=true]').textContent");
    assert_eq!(chosen, "pepsi");
    assert_eq!(
        browser.text(
            "document.getElementById(document.getElementById('name').getAttribute('aria-activedescendant')).textContent"
        ),
        "pepsi"
    );
    browser.press("Enter");
    browser.until("document.querySelector('#entity h2')?.textContent === 'pepsi'");
    let shown = browser.text("document.getElementById('entity').textContent");
    assert!(shown.contains("soda") && shown.contains("cold") && shown.contains("ann"), "{shown}");
    browser.value("[...document.querySelectorAll('.relations a')].find(a => a.textContent === 'soda').click()");
    browser.until("document.querySelector('#entity h2')?.textContent === 'soda'");
    let shown = browser.text("document.getElementById('entity').textContent");
    assert!(shown.contains("pepsi"), "what is next to it: {shown}");
    browser.picture("entity");
    browser.value("location.hash = '#/browse?name=zorkmid'");
    browser.until("document.getElementById('entity').textContent.includes('Nothing is known')");
    at_home(&browser, &server);
}

#[test]
fn a_person_queries_and_what_is_known_completes_the_query() {
    let Some((mut browser, server, _home)) = visit() else { return };
    browser.value("location.hash = '#/sparql'");
    browser.until("document.querySelector('.CodeMirror')?.CodeMirror");
    let editor = "document.querySelector('.CodeMirror').CodeMirror";

    // Ours, not a service elsewhere.
    let begun = "SELECT * { ?thing <http://www.w3.org/2000/01/rdf-schema#subC";
    browser.value(&format!("{editor}.setValue({begun:?}); {editor}.setCursor({{ line: 0, ch: {} }}); {editor}.focus(); {editor}.autocomplete()", begun.len()));
    browser.until("document.querySelector('.CodeMirror-hint')");
    let offered = browser.text("document.querySelector('.CodeMirror-hints').textContent");
    assert!(offered.contains("rdf-schema#subClassOf"), "{offered}");
    browser.press("Escape");

    let query = "SELECT ?thing ?name { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?name FILTER(?name IN ('pepsi', '<img src=x onerror=alert(1)>')) } ORDER BY ?name";
    browser.value(&format!("{editor}.setValue({query:?}); document.querySelector('.running .main').click()"));
    browser.until("document.querySelectorAll('.yasr tbody tr').length === 2");
    let table = browser.text("document.querySelector('.yasr tbody').textContent");
    assert!(table.contains("pepsi") && table.contains("<img src=x onerror=alert(1)>"), "{table}");
    assert_eq!(browser.value("document.querySelectorAll('.yasr img').length"), 0, "names are not parsed");
    browser.picture("results");
    let link = browser.text("document.querySelector('.yasr tbody tr:last-child a.iri').getAttribute('href')");
    assert!(link.starts_with("#/browse?iri=urn%3Aquid%3Athing%3A"), "links stay here: {link}");
    browser.value("document.querySelector('.yasr tbody tr:last-child a.iri').click()");
    browser.until("document.querySelector('#entity h2')?.textContent === 'pepsi'");

    // A wrong query is told with the server's words.
    browser.value("location.hash = '#/sparql'");
    browser.value(&format!("{editor}.setValue('SELECT * {{'); document.querySelector('.running .main').click()"));
    browser.until("document.querySelector('.yasr .errorResult')");
    at_home(&browser, &server);
}

#[test]
fn the_page_fits_and_can_be_read_wide_and_narrow_light_and_dark() {
    let Some((mut browser, _server, _home)) = visit() else { return };
    for (width, height) in [(1280, 900), (360, 740)] {
        for dark in [false, true] {
            browser.look(width, height, dark);
            for (view, ready) in [
                ("ask", "document.querySelector('.samples')"),
                ("browse?name=pepsi", "document.querySelector('#entity h2')"),
                ("sparql", "document.querySelector('.CodeMirror')"),
            ] {
                browser.value(&format!("location.hash = '#/{view}'"));
                browser.until(ready);
                let name =
                    format!("{}-{width}-{}", view.split('?').next().unwrap(), if dark { "dark" } else { "light" });
                assert!(browser.picture(&name) > 3000, "{name} is not empty");
                let over = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                assert_eq!(over, 0, "{name} is wider than the window");
                let faint = browser.value(CONTRAST);
                assert_eq!(faint, json!([]), "{name}: too faint to read (WCAG 2.2, 1.4.3)");
                let nameless = browser.value(NAMELESS);
                assert_eq!(nameless, json!([]), "{name}: without a name for a screen reader");
            }
        }
    }
}

/// Nothing was asked of anybody else, and nothing of what people wrote was run.
fn at_home(browser: &Browser, server: &Server) {
    let own = format!("http://{}/", server.address);
    let foreign: Vec<&String> = browser
        .requests
        .iter()
        .filter(|url| !url.starts_with(&own) && !url.starts_with("data:") && *url != "about:blank")
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(browser.requests.len() > 5, "the page was loaded");
    assert!(browser.dialogs.is_empty(), "{:?}", browser.dialogs);
    let thrown: Vec<&String> =
        browser.complaints.iter().filter(|complaint| complaint.contains("exceptionId")).collect();
    assert!(thrown.is_empty(), "{thrown:?}");
}

/// The texts of our own views whose contrast with what is behind them is less than 4.5 to 1.
const CONTRAST: &str = r"(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) { const colour = rgba(getComputedStyle(at).backgroundColor); if (colour[3] > 250) return colour; }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility() || element.closest('.unseen, .skip, script, noscript, .yasr, .CodeMirror-linenumber, :disabled')) continue;
    const [one, other] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (one + .05) / (other + .05);
    if (ratio < 4.5) faint.push(`${node.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return faint;
})()";

/// What can be pressed or written into and has no name.
const NAMELESS: &str = r"[...document.querySelectorAll('button, a[href], input, select, textarea, [role=img], [role=listbox]')]
  .filter((element) => element.checkVisibility() && !element.closest('.yasr'))
  .filter((element) => !(element.textContent.trim() || element.getAttribute('aria-label') || element.title || element.labels?.length))
  .map((element) => element.outerHTML.slice(0, 120))";
