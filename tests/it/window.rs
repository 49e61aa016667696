//! The shop window: by service or by country, favourites, what was bought lately, and what a
//! typed name finds.

use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::people::Pressed;

use crate::harness::{Actor, PATIENCE, Stage};

fn labels(message: &ChatMessage) -> Vec<String> {
    message
        .buttons()
        .map(|button| button.text.clone())
        .collect()
}

fn with(labels: &[String], part: &str) -> usize {
    labels.iter().filter(|label| label.contains(part)).count()
}

async fn open(stage: &Stage) -> Actor<'_> {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(100_000).await;
    alex
}

/// The rupiah in a label: `🇮🇩 Indonesia · Rp4,000`.
fn price(label: &str) -> u32 {
    let (_, price) = label.split_once("Rp").unwrap();
    let digits = price.chars().filter(char::is_ascii_digit);
    digits.collect::<String>().parse().unwrap()
}

#[tokio::test]
async fn a_service_first_and_then_the_country_by_price() {
    let stage = Stage::open().await;
    let alex = open(&stage).await;
    alex.says("/buy").await;
    let services = alex.presses("By service").await;
    assert!(services.text.contains("All countries"), "{}", services.text);
    let shown = labels(&services);
    assert_eq!(with(&shown, "WhatsApp"), 1, "{shown:?}");

    let places = alex.presses("WhatsApp").await;
    assert!(
        places.text.contains("From which country?"),
        "{}",
        places.text
    );
    let countries: Vec<_> = labels(&places)
        .into_iter()
        .filter(|label| label.contains("Rp"))
        .collect();
    assert!(countries.len() > 3, "{countries:?}");
    assert!(
        countries.is_sorted_by_key(|label| price(label)),
        "{countries:?}"
    );
    assert_eq!(with(&countries, "🇮🇩 Indonesia"), 1, "{countries:?}");

    let shelf = alex.presses("Malaysia").await;
    assert!(
        shelf.text.contains("WhatsApp · 🇲🇾 Malaysia"),
        "{}",
        shelf.text
    );
    let cheapest = alex.presses("Other countries").await;
    assert_eq!(labels(&cheapest), labels(&places));
    alex.presses("Malaysia").await;
    let card = alex.presses("Any").await;
    assert!(card.text.contains("🇲🇾 Malaysia"), "{}", card.text);
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_is_sold_in_one_country_needs_no_choice_of_it() {
    let stage = Stage::open().await;
    let alex = open(&stage).await;
    let found = alex.says("gcash").await;
    assert_eq!(with(&labels(&found), "GCash"), 1, "{:?}", labels(&found));
    let shelf = alex.presses("GCash").await;
    assert!(shelf.text.contains("🇵🇭 Philippines"), "{}", shelf.text);
    assert_eq!(with(&labels(&shelf), "Other countries"), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_name_is_looked_up_where_the_user_looks_and_then_elsewhere() {
    let stage = Stage::open().await;
    let alex = open(&stage).await;
    let anywhere = alex.says("watsap").await;
    assert!(
        anywhere.text.contains("in all countries"),
        "{}",
        anywhere.text
    );
    assert_eq!(
        with(&labels(&anywhere), "WhatsApp ·"),
        1,
        "one entry for one service"
    );

    alex.says("/buy").await;
    alex.presses("Indonesia").await;
    let here = alex.says("tele").await;
    assert!(here.text.contains("in 🇮🇩 Indonesia"), "{}", here.text);
    let elsewhere = alex.says("gcash").await;
    assert!(
        elsewhere.text.contains("but elsewhere"),
        "{}",
        elsewhere.text
    );
    assert_eq!(with(&labels(&elsewhere), "GCash"), 1);
    let nowhere = alex.says("qqqqqq").await;
    assert!(
        nowhere.text.contains("nothing like “qqqqqq”"),
        "{}",
        nowhere.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_star_brings_a_service_to_the_top() {
    let stage = Stage::open().await;
    let alex = open(&stage).await;
    let first = alex.says("/buy").await;
    assert_eq!(with(&labels(&first), "★"), 0);
    alex.presses("Indonesia").await;
    alex.says("steam").await;
    alex.presses("Steam").await;
    alex.presses("Add to favourites").await;
    alex.finds("In your favourites").await;

    let first = alex.says("/buy").await;
    assert_eq!(labels(&first)[0], "★ Steam");
    // Indonesia is where Alex looked last.
    let shelf = alex.presses("★ Steam").await;
    assert!(
        shelf.text.contains("Steam · 🇮🇩 Indonesia"),
        "{}",
        shelf.text
    );
    alex.says("/buy").await;
    let services = alex.presses("Indonesia").await;
    assert!(
        labels(&services)[0].starts_with("Steam"),
        "{:?}",
        labels(&services)
    );
    let sari = stage.sari();
    sari.says("/start").await;
    let hers = sari.says("/buy").await;
    assert_eq!(with(&labels(&hers), "★"), 0, "a star is its user's own");

    alex.says("steam").await;
    alex.presses("Steam").await;
    alex.presses("In your favourites").await;
    let first = alex.says("/buy").await;
    assert_eq!(with(&labels(&first), "★"), 0);
    stage.finish().await;
}

#[tokio::test]
async fn what_was_bought_lately_is_bought_again_with_one_tap() {
    let stage = Stage::open().await;
    let alex = open(&stage).await;
    alex.buys("Steam").await;
    let everywhere = |text: &str| {
        for upstream in [&stage.virtusim, &stage.otpcepat] {
            upstream.deliver_all(Some(text));
        }
    };
    everywhere("Code 551177");
    alex.sees("Your SMS is here").await;
    alex.presses("Finish").await;
    alex.sees("Done.").await;

    let first = alex.says("/buy").await;
    assert!(
        labels(&first)[0].starts_with("🔁 Steam · 🇮🇩 · Rp"),
        "{:?}",
        labels(&first)
    );
    let card = alex.presses("🔁 Steam").await;
    assert!(card.text.contains("Price:"), "{}", card.text);
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    let orders = stage.shop().orders(alex.id(), 0, 9).await.unwrap();
    assert_eq!(orders.rows.len(), 2);

    // From the finished order itself, too.
    alex.says("/orders").await;
    alex.presses("done").await;
    let card = alex.presses("Buy again").await;
    assert!(card.text.contains("Steam · 🇮🇩 Indonesia"), "{}", card.text);
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn countries_are_named_in_the_users_language() {
    let stage = Stage::open().await;
    let sari = stage.sari();
    sari.says("/start").await;
    let countries = labels(&sari.says("/buy").await);
    assert_eq!(with(&countries, "🇵🇭 Filipina"), 1, "{countries:?}");
    let alex = stage.alex();
    alex.says("/start").await;
    let countries = labels(&alex.says("/buy").await);
    assert_eq!(with(&countries, "🇵🇭 Philippines"), 1, "{countries:?}");
    stage.finish().await;
}

#[tokio::test]
async fn what_is_typed_behind_the_bots_name_leads_to_a_purchase() {
    let stage = Stage::open().await;
    let telegram = &stage.telegram;
    let group = -77;
    telegram.add_group(group, "Friends");
    let (alex, sari) = (stage.alex(), stage.sari());

    // Alex has never written to the bot.
    let query = telegram.ask_inline(alex.id().0, "watsapp").unwrap();
    let answer = telegram
        .wait_for_inline(alex.id().0, &query, PATIENCE)
        .await;
    let answer = answer.unwrap();
    assert!(
        answer.is_personal,
        "prices and words differ from user to user"
    );
    let first = &answer.results[0];
    assert_eq!(first.title, "WhatsApp");
    assert!(
        first.description.starts_with("from Rp"),
        "{}",
        first.description
    );
    assert!(
        first.text.contains("A number for a WhatsApp code"),
        "{}",
        first.text
    );
    let message = telegram
        .choose_inline(alex.id().0, group, &answer, &first.id)
        .unwrap();

    // Sari sees it in the group and follows the link.
    let pressed = telegram.press_in(sari.id().0, group, message.id, "📱 Get a number");
    let Ok(Pressed::Opened(link)) = pressed else {
        panic!("{pressed:?}");
    };
    telegram.open_link(sari.id().0, &link).unwrap();
    let places = sari.sees("Mau dari negara mana?").await;
    assert_eq!(
        with(&labels(&places), "🇮🇩 Indonesia"),
        1,
        "{:?}",
        labels(&places)
    );
    sari.presses("🇮🇩 Indonesia").await;
    let card = sari.presses("Bebas").await;
    assert!(
        card.text.contains("WhatsApp · 🇮🇩 Indonesia"),
        "{}",
        card.text
    );
    assert_eq!(
        telegram.messages(group).len(),
        1,
        "the bot says nothing in the group"
    );
    stage.finish().await;
}

#[tokio::test]
async fn inline_mode_answers_whatever_is_typed() {
    let stage = Stage::open().await;
    let telegram = &stage.telegram;
    let alex = stage.alex();
    let ask = async |text: &str| {
        let query = telegram.ask_inline(alex.id().0, text).unwrap();
        let answer = telegram
            .wait_for_inline(alex.id().0, &query, PATIENCE)
            .await;
        answer.unwrap()
    };
    let most_asked = ask("").await;
    assert!(
        most_asked.results.len() > 10,
        "{}",
        most_asked.results.len()
    );
    let nothing = ask("qqqqqqqq").await;
    assert_eq!(nothing.results, []);
    let (label, start) = nothing.button.unwrap();
    assert_eq!(label, "📱 Nothing found. Open the shop");
    let link = format!("https://t.me/{}?start={start}", telegram.bot().1);
    telegram.open_link(alex.id().0, &link).unwrap();
    let countries = alex.sees("Which country").await;
    assert!(with(&labels(&countries), "Indonesia") == 1);

    // What is chosen in the chat with the bot itself is no search.
    let found = ask("telegram").await;
    let chosen = &found.results[0].id;
    telegram
        .choose_inline(alex.id().0, alex.id().0, &found, chosen)
        .unwrap();
    let hello = alex.says("/start").await;
    assert!(hello.text.contains("Hi Alex!"), "{}", hello.text);
    let answers = telegram.messages(alex.id().0);
    assert_eq!(answers.iter().filter(|each| each.from_bot()).count(), 2);
    for foreign in ["s_zzzz", "s_", "whatever"] {
        let answer = alex.says(&format!("/start {foreign}")).await;
        assert!(!answer.text.contains("broke"), "{}", answer.text);
    }
    stage.finish().await;
}
