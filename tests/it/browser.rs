//! A headless Chromium with verbs, driven over WebDriver by Debian's `chromium-driver`.
//!
//! Invariant: every verb waits, inside the page, for what it needs; nothing sleeps.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// How WebDriver names a reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const PATIENCE_MS: u64 = 15_000;

/// Waits until `look()` gives something, looking again whenever the page changes.
const WAIT: &str = "
const done = arguments[arguments.length - 1];
const look = () => { try { return (function (label) { LOOK })(ARGUMENT); } catch (e) { return null; } };
let observer = null;
const attempt = () => {
  const found = look();
  if (!found) return false;
  observer?.disconnect();
  done(found);
  return true;
};
if (!attempt()) {
  observer = new MutationObserver(attempt);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}
";

/// The newest visible thing to press that is labelled so.
const FIND_BUTTON: &str = "
const name = (node) => node.getAttribute('aria-label')
  ?? node.querySelector(':scope > span, :scope > b')?.textContent ?? node.textContent;
const all = [...document.querySelectorAll('button, a[href], [role=button]')];
const fitting = all.filter((node) => node.checkVisibility({ visibilityProperty: true })
  && !node.disabled && name(node).trim() === label);
return fitting.filter((node) => node.closest('.keyboard')).pop() ?? fitting.pop();
";

/// The driver looks for a free port on one family of addresses and opens it on both: where somebody
/// took it on the other meanwhile, it ends, and wants to be started again.
const STARTS: usize = 5;

/// The driver and its port, `None` where it ended before it had one.
fn start_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the page's test needs Debian's packages chromium and chromium-driver");
    let stdout = driver.stdout.take().unwrap();
    let port = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
    if port.is_none() {
        // It has closed its output, so it is ending or has ended.
        drop(driver.kill());
        drop(driver.wait());
    }
    Some((driver, port?))
}

pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    client: reqwest::Client,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser whose window shows this many CSS pixels.
    pub(crate) async fn start(width: u32, height: u32) -> Self {
        let started = tokio::task::spawn_blocking(|| (0..STARTS).find_map(|_| start_driver()));
        let (driver, port) = started.await.unwrap().expect("chromedriver tells its port");
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self {
            driver,
            port,
            session: String::new(),
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(60))
                .build()
                .unwrap(),
            _profile: profile,
        };
        browser.session = browser.new_session().await;
        browser.resize(width, height).await;
        browser
    }

    async fn new_session(&self) -> String {
        let profile = self._profile.path().display();
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--no-proxy-server",
            "--lang=en",
            format!("--user-data-dir={profile}"),
        ]);
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "timeouts": { "script": PATIENCE_MS },
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": arguments },
        } } });
        let session = self.request("POST", "", &wanted).await.unwrap();
        session["sessionId"].as_str().unwrap().to_owned()
    }

    async fn request(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let address = format!("http://127.0.0.1:{}/session", self.port);
        let address = if self.session.is_empty() {
            address
        } else {
            format!("{address}/{}{path}", self.session)
        };
        let request = match method {
            "GET" => self.client.get(address),
            _ => self.client.post(address).body(body.to_string()),
        };
        let response = request.send().await.unwrap();
        let good = response.status().is_success();
        let mut answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        let value = answer["value"].take();
        if good { Ok(value) } else { Err(value) }
    }

    async fn devtools(&self, command: &str, params: Value) {
        let body = json!({ "cmd": command, "params": params });
        self.request("POST", "/goog/cdp/execute", &body)
            .await
            .unwrap();
    }

    /// Gives the page this many CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let params = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", params)
            .await;
    }

    /// Prefers dark colours, or light ones.
    pub(crate) async fn prefer_dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// Opens the chat page and waits until it has loaded its chats.
    pub(crate) async fn open(&self, url: &str) {
        self.request("POST", "/url", &json!({ "url": url }))
            .await
            .unwrap();
        self.wait_for(
            "return document.documentElement.dataset.ready === 'yes';",
            "",
        )
        .await;
    }

    /// Runs a script in the page and gives back what it returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.request("POST", "/execute/sync", &body).await.unwrap()
    }

    /// Waits until a script, which is handed `label`, returns something true.
    pub(crate) async fn wait_for(&self, script: &str, label: &str) -> Value {
        let script = WAIT
            .replace("ARGUMENT", &json!(label).to_string())
            .replace("LOOK", script);
        let body = json!({ "script": script, "args": [] });
        match self.request("POST", "/execute/async", &body).await {
            Ok(found) => found,
            Err(error) => {
                let page = self.script("return document.body.innerText;").await;
                panic!(
                    "\"{label}\" did not show: {}\nThe page reads:\n{}",
                    error["message"],
                    page.as_str().unwrap_or_default()
                );
            }
        }
    }

    /// Clicks the newest button with this label, as a mouse would.
    pub(crate) async fn press(&self, label: &str) {
        self.click(FIND_BUTTON, label).await;
    }

    /// Waits for a button with this label.
    pub(crate) async fn wait_for_button(&self, label: &str) {
        self.wait_for(FIND_BUTTON, label).await;
    }

    /// Clicks the newest button whose label contains this.
    pub(crate) async fn press_like(&self, part: &str) {
        let find = FIND_BUTTON.replace("name(node).trim() === label", "name(node).includes(label)");
        self.click(&find, part).await;
    }

    async fn click(&self, find: &str, label: &str) {
        let mut last = Value::Null;
        // An edit may replace the button between finding and clicking it.
        for _ in 0..5 {
            let found = self.wait_for(find, label).await;
            let id = found[ELEMENT].as_str().unwrap();
            let path = format!("/element/{id}/click");
            match self.request("POST", &path, &json!({})).await {
                Ok(_) => return,
                Err(mut error) => last = error["message"].take(),
            }
        }
        panic!("\"{label}\" cannot be clicked: {last}");
    }

    /// Types a message and sends it with Enter.
    pub(crate) async fn type_text(&self, text: &str) {
        self.type_keys(&format!("{text}\u{e007}")).await;
    }

    /// Types into the input field, key by key, and sends nothing by itself.
    pub(crate) async fn type_keys(&self, text: &str) {
        let field = self
            .wait_for(
                "const field = document.getElementById('text');
                 return field.checkVisibility() && field;",
                "the input field",
            )
            .await;
        let id = field[ELEMENT].as_str().unwrap();
        let path = format!("/element/{id}/value");
        let typed = json!({ "text": text });
        self.request("POST", &path, &typed).await.unwrap();
    }

    /// Waits for a message that contains this text; gives back the whole bubble's text.
    pub(crate) async fn wait_for_bubble(&self, text: &str) -> String {
        let found = self
            .wait_for(
                "return [...document.querySelectorAll('.bubble')].reverse()
                   .map((bubble) => bubble.innerText).find((words) => words.includes(label));",
                text,
            )
            .await;
        found.as_str().unwrap().to_owned()
    }

    /// Waits for a passing note that contains this text.
    pub(crate) async fn wait_for_toast(&self, text: &str) {
        self.wait_for(
            "return [...document.querySelectorAll('.toast')]
               .some((toast) => toast.textContent.includes(label));",
            text,
        )
        .await;
    }

    /// Saves what the window shows as a PNG, once its pictures and movements have settled.
    pub(crate) async fn screenshot(&self, path: &Path) {
        self.wait_for(
            "return document.getAnimations().every((each) => each.playState !== 'running'
                 || each.effect.getComputedTiming().iterations === Infinity)
               || void requestAnimationFrame(() => document.body.dataset.frame = Math.random());",
            "a still page",
        )
        .await;
        let picture = self
            .request("GET", "/screenshot", &Value::Null)
            .await
            .unwrap();
        std::fs::write(path, decode_base64(picture.as_str().unwrap())).unwrap();
    }

    /// What the page's scripts complained about.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self
            .request("POST", "/se/log", &json!({ "type": "browser" }))
            .await
            .unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends the browser; killing the driver alone would leave it behind.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let ended = stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .and_then(|()| {
                    write!(
                        stream,
                        "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
                        self.session, self.port
                    )
                })
                .and_then(|()| stream.read(&mut [0; 64]));
            drop(ended);
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|byte| *byte != b'=') {
        let Some(value) = ALPHABET.iter().position(|each| *each == letter) else {
            continue;
        };
        bits = (bits << 6 | u32::try_from(value).unwrap()) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
