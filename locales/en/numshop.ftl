# The texts of the bot in English. `<b>`, `<i>` and `<code>` are Telegram's markup.
# Texts whose ids begin with button-, label-, state-, toast-, span-, ago-, operator- or command-
# stand where Telegram reads no markup.

language-name = English
number-group = ,
number-point = .

## Time

span-seconds = { $count } sec
span-minutes = { $count } min
span-hours = { $count } h
span-days = { $count } d
ago-now = just now
ago-minutes = { $count } min ago
ago-hours = { $count } h ago
ago-days = { $count } d ago
ago-unknown = for an unknown time

## Commands

command-start = Main menu
command-buy = Buy a number
command-orders = My orders
command-wallet = My wallet
command-language = Change the language
command-paysupport = Trouble with a payment
command-voucher = Redeem a voucher
command-help = How it works
command-cancel = Stop what I was doing
command-topup = Top up a user's wallet
command-prices = Show or change prices
command-rates = Show or set what currencies are worth
command-services = Hide, pin and rename services
command-announce = Put a text on the main menu
command-maintenance = Close the shop for a while
command-providers = Show or change upstreams
command-doubts = What is not settled with the upstreams
command-deduct = Take money out of a wallet
command-refund = Give Stars back
command-recovery = After a backup was put back
command-role = Who runs the shop
command-audit = What admins did
command-backup = Copy the database
command-broadcast = Write to many users

## Buttons

button-buy = 📱 Buy a number
button-orders = 🧾 Orders
button-wallet = 👛 Wallet
button-settings = ⚙️ Settings
button-help = ❓ Help
button-menu = ‹ Menu
button-menu-below = Menu
button-back = ‹ Back
button-country = 🌍 Another country
button-all-services = All services
button-by-service = 🔎 By service
button-other-countries = 🌍 Other countries
button-star = ☆ Add to favourites
button-unstar = ★ In your favourites
label-again = 🔁 { $service } · { $country } · { $price }
label-favourite = ★ { $name }
button-inline-buy = 📱 Get a number
button-inline-shop = 📱 Nothing found. Open the shop
label-inline-from = from { $price }
button-try-again = Try again
button-top-up = 👛 Top up
button-stars = ⭐ Top up with Telegram Stars
button-other-stars = Another amount
button-transfer = 🏦 Bank or e-wallet
button-qris = 📷 QRIS
button-copy-amount = 📋 Copy { $amount }
button-withdraw = ✖️ Never mind
button-voucher = 🎟 Redeem a voucher
button-voucher-make = ✅ Make the voucher
button-copy-voucher = 📋 Copy the code
label-stars = ⭐ { $stars } → { $money }
label-invoice-title = Top up { $money }
label-invoice = { $stars } Stars bring { $money } into your wallet, at once.
button-confirm = ✅ Buy for { $price }
button-copy-number = 📋 Copy number
button-copy-code = 📋 Copy { $code }
button-copy-id = 📋 Copy my ID { $id }
button-cancel = ✖️ Cancel
button-cancel-later = ✖️ Cancel (possible in { $wait })
button-another-sms = 📩 Another SMS
button-finish = ✅ Finish
button-buy-again = 📱 Buy again
button-cheaper = 🔔 When it gets cheaper
button-tell-below = 🔔 { $limit } or less
button-queue-below = ⏳ Buy it for me when it gets cheaper
button-tell = 🔔 Tell me when it is back
button-queue = ⏳ Buy it as soon as it is back
button-queue-confirm = ✅ Set aside { $limit }
button-other-limit = Up to { $limit }
button-watches = 🔔 What I wait for
button-watches-count = 🔔 You want to hear of { $count }
button-buy-now = 📱 Buy now
button-tell-again = 🔔 Tell me again
button-open = 📱 Open
button-provider-on = ▶️ Switch { $provider } on
button-provider-off = ⏸ Switch { $provider } off
label-service = { $name } · { $price }
label-sold-out = { $name } · sold out
label-operator-stock = { $name } · { $price } · { $stock } left
label-watch = ✖️ { $name } · { $span }
label-order = { $state } · { $service } · { $ago }
server = Server { $number }
operator-any = ⭐ Any, best price
operator-any-balanced = ⭐ Any, best value
operator-any-success = ⭐ Any, most codes
operator-any-short = any operator
state-reserving = ⏳ reserving
state-queued = ⏳ in line
state-in-doubt = ⚠️ checking
state-waiting = ⏳ waiting
state-received = 📩 code here
state-cancelling = ⏳ cancelling
state-completed = ✅ done
state-cancelled = ↩️ cancelled
state-expired = ↩️ expired
state-failed = ↩️ no number
state-payment-credited = in your wallet
state-payment-refunding = being given back
state-payment-refunded = given back

## Menu

greeting =
    Hi <b>{ $name }</b>! 👋

    Here you get a phone number for one SMS code. You pay only when the code arrives; otherwise your money comes back by itself.

    Tap a button, or just type the name of a service, like <i>WhatsApp</i>.
menu = What would you like to do? You can also just type the name of a service.
menu-closed = ⏸ <b>We are working on the shop.</b> Nothing can be bought for the moment; open orders go on.
menu-announcement = 📣 { $text }
nothing-left-open =
    All right, we start over. No money moved.

    To cancel a number you bought, open it in /orders.
help =
    <b>How it works</b>

    1. Pick a service and confirm the price. It is set aside in your wallet.
    2. You get a number. Enter it in the app that wants to send you a code.
    3. The code shows up here. Only now is the price paid.

    No code in time, or you cancel before it arrives? The whole price is back in your wallet.

    /buy a number · /orders · /wallet · /language
settings = <b>Settings</b>

    Which language shall we speak? And shall news from the shop reach you? What concerns your orders and your money always does.
outdated = This menu is out of date. Nothing happened and no money moved. Here is a fresh one:
unknown-command = I don't know that command. Here is what I can do:
only-text = I can only read text. Type the name of a service, or tap a button:
only-private = Let's talk in private, so that nobody else sees your codes: @{ $bot }
broken =
    Sorry, something broke on our side. Please look into /orders and /wallet before you try again: what you see there is what counts.

    If you write to us, name this: { $incident }

## Toasts

toast-not-yours = This button belongs to somebody else. Send /start to get your own menu.
toast-outdated = This menu is out of date. Nothing happened.
toast-already-confirmed = You already bought this. Nothing was charged twice.
toast-cancel-asked = Cancelling. We are asking the supplier.
toast-cancelled = Cancelled. The money is back in your wallet.
toast-cancel-already = Already being cancelled.
toast-resend = All right, waiting for another SMS.
toast-finished = Done. Thank you!
toast-language = English it is!
toast-starred = ★ Now at the top of your list.
toast-unstarred = ☆ No longer a favourite.
toast-watching = 🔔 All right, I will tell you.
toast-unwatched = Forgotten.
toast-topup-already = Booked before. Nothing was booked twice.
toast-refund-already = Begun before. Nothing is given back twice.
toast-request-ended = This was decided before. Nothing moved a second time.
toast-request-approved = Booked. The user knows.
toast-request-rejected = Rejected. The user knows.
toast-pay-not-yours = This invoice was made for somebody else. Nothing was paid. Open your own wallet to get yours.
toast-pay-outdated = This invoice is out of date. Nothing was paid. Get a fresh one in your wallet.
toast-pay-rate = Stars bring another amount by now. Nothing was paid. Get a fresh invoice in your wallet.
toast-pay-too-large = Your wallet would hold too much. Nothing was paid.
toast-pay-cannot-write = We can't save anything right now. Nothing was paid. Please try again in a minute.
toast-prices-already = This is in effect already.
toast-prices-again = Something changed since you looked.
toast-shopkeeping-done = Done.
toast-shopkeeping-already = It is like this already.
toast-provider-on = { $provider } sells again.
toast-provider-off = { $provider } sells nothing more. Open orders go on.

## Choosing

nothing-to-sell = Nothing is for sale right now. We are fetching the price lists; please try again in a minute.
choose-country = Which country should the number be from?
choose-service =
    <b>{ $country }</b>

    Which service do you need a code for? Tap it, or type its name.
choose-service-anywhere =
    <b>All countries</b>

    Which service do you need a code for? Tap it, or type its name.
choose-place =
    <b>{ $service }</b>

    From which country? The best price comes first.
found = Here is what I found for “{ $text }” in { $country }:
found-nothing = I found nothing like “{ $text }” in { $country }. Try another spelling, or look through all services.
found-elsewhere = Nothing like “{ $text }” in { $country }, but elsewhere:
found-anywhere = This fits “{ $text }”, in all countries:
found-nothing-anywhere = I found nothing like “{ $text }”. Try another spelling, or look at all services.
inline-message =
    📱 A number for a <b>{ $service }</b> code, from <b>{ $price }</b>.
    You pay only when the code arrives.
choose-operator = Which operator? “Any” is the cheapest and the quickest.
choose-operator-balanced = Which operator? “Any” weighs the price with how often codes arrive. The servers stand in that order.
choose-operator-success = Which operator? “Any” is where codes arrive most often. The servers stand in that order, not by price.
choose-server = Behind a server: numbers left, how many of its numbers got a code this week, and how soon.
sold-out = <b>{ $service }</b> is sold out right now. Nothing was charged. New numbers come in all the time.
unavailable = Our supplier for <b>{ $service }</b> is not answering right now. Nothing was charged.
sold-out-near = Wait for it, or take one that is in stock:
queue-promise = We buy it for you as soon as it can be had for at most <b>{ $limit }</b>, for the price of that moment.
queue-hold =
    The limit is set aside now: { $available } → { $after }. If it costs less, the rest comes back at once.
    Nothing in { $span }, or you cancel before? All of it is back in your wallet.
watches = 🔔 I tell you once any of these can be bought. Tap one to forget it:
watches-none = 🔔 You wait for no news.
cheaper = It costs { $price } now. From which price on shall I tell you? I watch it for a day.
available = 🔔 { $name } is back, for { $price }. First come, first served.
available-cheaper = 🔔 { $name } costs { $price } now. First come, first served.
available-dearer = 🔔 { $name } was cheap enough for a moment, but it costs { $price } again. Nothing was charged.
available-gone = 🔔 { $name } was back for a moment, but it is gone again. Nothing was charged.
quote-price =
    Price: <b>{ $price }</b>
    Your balance: { $available } → { $after }
quote-price-promo =
    Price: <s>{ $was }</s> <b>{ $price }</b>, until { $until }
    Your balance: { $available } → { $after }
quote-lifetime = The number works for { $lifetime }.
quote-cancel-later = Cancelling becomes possible { $wait } after you buy.
quote-cancel-any-time = You can cancel any time before the SMS arrives.
quote-promise = No SMS, no charge: the price comes back by itself.
quote-resumed = Shall we go on? This is what you wanted to buy:
quote-missing =
    This costs { $price }, and you have { $available }.
    You need <b>{ $missing }</b> more. Nothing was charged.

## The order's card

order-number = Order { $id }
card-quoted = This offer was not confirmed. Nothing was charged.
card-reserving =
    ⏳ Reserving a number…
    { $price } is set aside. If there is no number, it comes back at once.
card-queued =
    ⏳ In line: we buy it as soon as it can be had for at most { $price }.
    That much is set aside. If nothing comes in { $span }, it is back in your wallet.
card-in-doubt =
    ⚠️ The supplier's answer got lost, so we are checking whether the number was bought.
    { $price } is set aside. In { $span } at the latest you have the number or your money back.
card-waiting =
    ⏳ Waiting for the SMS · { $left } left
    { $price } is set aside. You pay only when the SMS arrives.
card-awaits-another =
    ⏳ Waiting for another SMS · { $left } left
    { $price } is paid. More SMS cost nothing extra.
card-cancelling =
    ⏳ Cancelling: we are asking the supplier.
    { $price } comes back once they agree, in { $span } at the latest. If the SMS was faster, you get the SMS.
card-given-back =
    ⏳ The supplier asked more than you agreed to, so we are giving this number back.
    { $price } comes back once they agree, in { $span } at the latest.
card-was-given-back = ↩️ The supplier asked more than you agreed to, so we gave the number back. { $price } is back in your wallet.
card-received = 📩 Your SMS is here. { $price } is paid.
card-completed = ✅ Done. { $price } is paid.
card-cancelled = ↩️ Cancelled. { $price } is back in your wallet.
card-expired = ↩️ No SMS came in time. { $price } is back in your wallet.
card-late-sms = The SMS came late, so it is free of charge.
arrived = 📱 <b>Your number came in!</b> Use it now, its time is running.
card-moved = This card moved further down. ⬇️
failed-out-of-stock = ↩️ The last one was just sold. { $price } is back in your wallet.
failed-upstream = ↩️ The supplier is not reachable right now. { $price } is back in your wallet.
failed-price-rose = ↩️ The price went up meanwhile, so we did not buy. { $price } is back in your wallet.
failed-never-confirmed = ↩️ The supplier never confirmed the purchase. { $price } is back in your wallet.
failed-too-late = ↩️ We could not place this order in time. { $price } is back in your wallet.
failed-queued-in-vain = ↩️ No number came in time. { $price } is back in your wallet.
failed = ↩️ This could not be had. { $price } is back in your wallet.
sms-code = 📩 <b>Your code for { $service }</b>
sms-no-code = 📩 <b>An SMS from { $service }</b>
orders = <b>Your orders</b>
orders-none = You have no orders yet. Shall we get you a number?

## Privacy

card-erased = 🧹 Number and code are erased { $span } after an order ends. What you paid or got back stays in your wallet.
command-find = Find orders by a number
label-act-find = 🔎 Number looked up
find-usage =
    Which number? Like this:
    <code>/find +62 812 3456 789</code>
    A mail address works, too.
find-nothing = No order has this number. After some days numbers are erased, and then nobody finds them.
find-orders = <b>Orders with this number:</b> { $count }

## Wallet

wallet = 👛 You can spend <b>{ $available }</b>
wallet-held = Set aside for open orders: { $held }
wallet-movements = <b>Latest movements</b>
wallet-no-movements = Nothing has moved yet.
wallet-top-up = To top up, write to the shop and name your ID.
wallet-top-up-hint = <b>Top up:</b> { $hint }
wallet-id = Your ID: { $id }
move-top-up = { $amount } · top-up · { $ago }
move-hold = { $amount } · set aside for { $service } · { $ago }
move-capture = { $amount } paid for { $service } (from what was set aside) · { $ago }
move-release = { $amount } · back from { $service } · { $ago }
move-goodwill = { $amount } · refund for { $service } · { $ago }
move-stars-refund = { $amount } · Stars given back · { $ago }
move-stars-refund-failed = { $amount } · Stars could not be given back · { $ago }
move-adjust = { $amount } · correction · { $ago }
move-memo = <i>{ $memo }</i>
topped-up =
    👛 <b>{ $amount }</b> was added to your wallet.
    You can spend { $available } now.
deducted =
    👛 <b>{ $amount }</b> was taken out of your wallet by the shop.
    You can spend { $available } now. If you think this is wrong, write to us with /support.
stars-offers =
    ⭐ <b>Top up with Telegram Stars</b>

    How many shall it be? The money is in your wallet as soon as you have paid.
stars-how-many = ⭐ How many Stars shall it be? Write a number between { $least } and { $most }. Nothing was paid.
stars-payment = ⭐ { $stars } → { $money } · { $state } · { $ago } · { $charge }
stars-returned =
    ⭐ <b>{ $stars } Stars</b> are back with you.
    { $amount } left your wallet for it.
voucher-which = 🎟 Which code is on your voucher? Just type it.
transfer-how-much = How much would you like to send? Write an amount between { $least } and { $most }. A few digits are added, so that we can tell it is yours; they are credited, too.
transfer-instructions = Please send exactly { $money }, to the last digit.
qris-instructions = Scan this with your bank or e-wallet. It asks for exactly { $money }.
transfer-then =
    Then send a picture of the receipt here. We look at it, and the money is in your wallet.

    Without a receipt this ends in { $left }. Nothing is in your wallet yet.
transfer-received = ✅ Thank you! We look for your { $money } and tell you as soon as it is in your wallet.
transfer-withdrawn = All right, we forget it. If you did send money, write to us with /support.
transfer-was-rejected = ↩️ We could not find your { $money }, so nothing was credited. If you did send it, write to us with /support.
transfer-was-late = ⏳ The time for your { $money } is over, and nothing was credited. If you did send it, write to us with /support.
pay-support =
    <b>Trouble with a payment?</b>

    What you paid in Stars is in your wallet within minutes, even if a message got lost on the way. If it is not, or if you want Stars back, write <code>/paysupport</code> and what happened, in one message. It goes to the people who run this shop; Telegram itself can't help with purchases here.
pay-support-payments = <b>Your last payments</b>
voucher-usage =
    <b>Vouchers</b>
    <code>/voucher create &lt;amount&gt; &lt;uses&gt; [30d|12h|never] [uses per person]</code>
    <code>/voucher close &lt;code&gt;</code>
voucher-draft =
    🎟 A voucher of <b>{ $amount }</b>, to be used { $uses }×, by each person at most { $per_user }×?

    All uses together bring { $total }.
voucher-lives = It can be used for { $span }.
voucher-made =
    🎟 { $code }
    { $amount } for each of { $uses } uses. As a link: { $link }

    Whoever has the code has the money: send it only to those it is meant for.
voucher-closed = ✅ { $code } is closed. What it brought before stays where it is.
vouchers = <b>Vouchers that can be used</b>
vouchers-none = There are no vouchers that can be used.
voucher-line = 🎟 { $code } · { $amount } · used { $used } of { $uses }
label-way-transfer = transfer
label-way-qris = QRIS
button-approve = ✅ { $money } came
button-other-amount = Another amount
button-reject = ✖️ Nothing came
transfer-facts =
    💰 <b>{ $name }</b> (ID { $id }) says that they sent { $money } ({ $way }).
transfer-approved = ✅ { $who }: { $money } came and is booked.
transfer-rejected = ✖️ { $who }: nothing came.
transfer-expired = ⏳ Nobody decided in time. Nothing was booked.
transfer-taken-back = ↩️ The user took it back. Nothing was booked.
transfer-which-amount = Which amount came? Just write it. You can look at it once more before it is booked.
transfer-other = Book { $money } instead?

## Trust

command-terms = Terms of use
command-privacy = What I keep about you
command-freeze = Stop sales: a user, a service, all
command-limits = What a user may do
button-terms = 📜 Terms
button-privacy = 🔒 Privacy
button-terms-accept = ✅ I accept
toast-terms-accepted = Thank you!
terms-title = 📜 <b>Terms of use</b>
terms-sold = <b>What you get.</b> Phone numbers and mailboxes that receive messages for you: for one code, or rented for a time. You pay only when a code, a rented number or a mail is there; otherwise the money is back in your wallet.
terms-yours = <b>What it is for.</b> Your own accounts, in your own name or your business's, within the law and the rules of the service that you sign up at. You are an adult, or have your parents' consent.
terms-never = <b>What it is never for.</b> Fraud, spam, harassment, fake reviews, pretending to be somebody else, getting around a ban, or opening accounts for others to do so. Banks, wallets, payments, loans, crypto exchanges, offices, identity and health services are not sold here, not even under another name.
terms-misuse = <b>What happens otherwise.</b> A message of a service that is not sold is withheld and its order is paid back. There are limits for each user. Whoever misuses the shop is stopped from buying; what is in their wallet stays theirs.
terms-numbers = <b>Numbers are temporary.</b> Somebody else can have yours afterwards. Never leave it as the only way back into an account that matters to you. Whether a service takes a number is up to that service.
terms-money = <b>Money.</b> What you top up is for buying here. Stars can be given back as long as they are not spent: /paysupport. If something went wrong, write to us.
terms-rest = <b>Changes.</b> When these terms change, you are asked again before your next purchase. Orders that run are kept as they were promised.
terms-question = Do you accept them?
terms-before-buying = Do you accept them? You are asked once, before your first purchase. Nothing is charged by this: your offer comes back next.
terms-accepted = ✅ You have accepted these terms.
terms-thanks = ✅ Thank you. You can buy now.
privacy-title = 🔒 <b>What I keep about you</b>
privacy-kept = <b>What.</b> Your Telegram number, first name, username and language; your orders with the numbers, mail addresses and messages that came for them; your wallet's movements; receipts that you sent; favourites and what you wait for; what you wrote to support; which terms you accepted and when.
privacy-why = <b>What for.</b> To deliver what you buy, to show it to you again, to keep the money right, to help you, and to stop misuse. No advertising, no profiles, nothing is sold.
privacy-long = <b>How long.</b> What you type is forgotten as soon as it is answered; a notice that reached you, and old buttons, after two days. Numbers and messages of orders are erased some days after an order ended, the rest of it when you delete your account. Amounts, states and times of orders and payments stay for good under your bare number: the books need them.
privacy-who = <b>Who sees it.</b> The people who run this shop. Our suppliers learn which service and country is bought, never who you are. Messages travel through Telegram.
privacy-rights = <b>Yours to decide.</b> /mydata sends you all of it as a file, /deleteme erases it, /support reaches us.
refused-terms-first = Please accept our terms first: /terms. Nothing was charged.
refused-limit-new = New accounts can buy { $most }× a day. You can buy again in { $wait }. Nothing was charged.
refused-limit-open = The limit of orders under way at once is { $most }. Wait until one ends, or cancel one in /orders. Nothing was charged.
refused-limit-spend = You can spend { $most } within a day, and this would be more. It is possible again in { $wait }. Nothing was charged.
refused-limit-price = You can spend { $most } within a day, and this alone costs more. Nothing was charged.
refused-limit-share = You gave back most of your numbers today, and our suppliers punish us for that. You can buy again in about { $wait }. Nothing was charged.
refused-limit-top-ups = You can top up { $most }× a day. It is possible again in { $wait }. Nothing was paid.
refused-no-top-ups = You cannot top up at present. Nothing was paid.
refused-frozen-user = Your account can't buy at present. Your money is safe, and orders that run go on. Nothing was charged.
refused-frozen-service = { $service } is not sold at present. Nothing was charged.
refused-frozen-all = We have stopped selling for a moment. Your money is safe, and orders that run go on. Nothing was charged.
freeze-reason = Reason: { $reason }
freeze-told = ❄️ <b>Your account can't buy at present.</b> Orders that run go on, and your money is safe. If you think this is wrong, write to us with /support.
freeze-lifted-told = ✅ Your account can buy again.
freeze-none = Nothing is frozen.
freeze-list = ❄️ <b>Frozen</b>: nothing new is bought, what runs goes on.
freeze-row = <b>{ $what }</b> · { $since }
freeze-usage =
    <code>/freeze user ID reason</code>
    <code>/freeze service name reason</code>
    <code>/freeze provider name reason</code>
    <code>/freeze all reason</code>
    <code>/unfreeze</code> the same way
label-act-freeze = ❄️ Freeze
label-act-limit = 📏 Limit of a user
label-freeze-all = 🛑 Everything
button-lift = ☀️ Lift: { $what }
toast-frozen = Frozen. They are told.
toast-lifted = Lifted.
toast-limit-set = Set.
limits-of =
    👤 <b>{ $name }</b> · { $id }
    First seen { $since }
limits-frozen = ❄️ <b>Frozen</b>
limits-row = { $name }: { $used } of { $most }
limits-usage =
    <code>/limits ID</code> shows what a user may do, with buttons.
    <code>/limits ID limit 20</code> sets it; <code>none</code> and <code>usual</code> are possible, too.
limit-which =
    👤 <b>{ $name }</b>
    { $limit }: { $most }

    Any other number: <code>/limits { $id } { $word } 20</code>
label-limit-new = Orders a day (new account)
label-limit-open = Orders at once
label-limit-spend = Spent in a day
label-limit-cancels = Given back in 30 min
label-limit-share = Given back of a day's orders
label-limit-top-ups = Top-ups a day
label-limit-none = no limit
button-limit-none = No limit
button-limit-usual = As for everybody
button-freeze-user = ❄️ Freeze this user
button-unfreeze-user = ☀️ Lift the freeze
step-withheld = message withheld
card-withheld = 🛑 The message that came is for a service that we don't sell numbers for, so it is withheld. { $price } is back in your wallet.
withheld-told = 🛑 <b>A message was withheld</b> (order { $order }, { $title }). It names a bank, a wallet or another service that we don't sell numbers for, so nobody gets to see it.
withheld-refunded = { $price } is back in your wallet. This number receives nothing more.
withheld-rental = Your rental goes on, and other messages come through. Nothing was charged or paid back for this.
withheld-further = You got the code that you paid { $price } for; nothing moved for this one.
withheld-late = Your money was back before; nothing moved now.
withheld-flag =
    🛑 <b>{ $name }</b> · { $id }
    A message to order { $order } ({ $ordered }) names <b>{ $named }</b>. It was withheld.
button-user-card = 👤 User card
button-limits = 📏 Limits and freeze
command-support = Write to us
button-support-more = ✍️ Write to us
button-support-answer = ✍️ Answer
support-ask = ✍️ What is it about? Write it in one message, or send a picture. It goes to the people who run this shop, and they answer here.
support-sent = ✅ The people who run this shop have your message now, with your ID. They answer you here.
support-paper = ✉️ <b>{ $name }</b> · { $id } writes:
support-how = Reply to this message, or tap Answer.
support-answered = ✅ Answered by { $who }
support-ask-answer = ✍️ What is the answer to { $name }? A text or a picture.
support-answer-sent = ✅ Your answer is on its way.
support-answer-added = ✅ It had been answered before; yours is on its way, too.
support-answer = 💬 <b>Support answers:</b>
command-mydata = A file with all I keep about you
command-deleteme = Delete my account
refused-not-yet = You asked for this a moment ago. It is possible again in { $wait }.
mydata-ready = 📦 Everything that this shop keeps about you. Keep it to yourself: it holds your numbers and messages.
erase-title = 🗑 <b>Delete your account?</b>
erase-gone = <b>Erased for good:</b> your name, username and language; numbers, mail addresses and messages of all orders; labels, favourites and what you wait for; what you wrote to support; receipts.
erase-stays = <b>Stays under your bare number:</b> amounts, states and times of orders and payments, for the books need them; and limits that were set for you. What stands in this chat, you delete in Telegram. If you come back, you begin anew, but not as a new customer.
erase-orders-run = It is not possible yet: you have orders that run, and their money is at stake. Wait until they end, or cancel them.
erase-expects-money = It is not possible yet: we still look for money that you sent. Wait for our answer, or take the request back in your wallet.
erase-money = There is still <b>{ $money }</b> in your wallet. Spend it, ask us to pay it out, or give it up.
erase-sure = Really delete your account? Nobody can undo this, not even we.
erase-sure-money = Really delete your account and give up { $money }? Nobody can undo this, not even we.
erase-done = 🗑 Your account is deleted. Goodbye, and all the best. If you ever want to come back: /start
button-erase = 🗑 Delete my account
button-erase-spend = 📱 Spend it
button-erase-pay-out = ✍️ Ask to have it paid out
button-erase-give-up = 🗑 Give up { $money } and delete
button-erase-now = 🗑 Yes, delete everything
button-erase-now-money = 🗑 Yes, give up { $money }, delete all
button-erase-not = ‹ No, keep it

## Referrals

command-invite = Invite friends
button-invite = 🎁 Invite friends
button-invite-copy = 📋 Copy my link
invite-title = 🎁 <b>Invite friends</b>
invite-purchases = Whoever comes here for the first time through your link brings you <b>{ $percent }%</b> of each of their first { $first } purchases. It is yours as soon as their code has arrived.
invite-topups = Whoever comes here for the first time through your link brings you <b>{ $percent }%</b> of each of their first { $first } top-ups; vouchers do not count.
invite-cap = At most { $cap } for each friend.
invite-so-far = Came so far: <b>{ $came }</b> · earned: <b>{ $earned }</b>
invite-off = Inviting friends brings nothing here at present. Your wallet is as it was.
move-referral = { $amount } · 🎁 from a friend you invited · { $ago }
move-referral-back = { $amount } · 🎁 taken back: your friend got the money back · { $ago }
label-kind-referral = Share for inviting

## Refusals

refused-not-sold = This is no longer sold. Nothing was charged.
refused-cool-down = You gave back many numbers in a short time, and our suppliers punish us for that. You can buy again in { $wait }. Nothing was charged.
refused-too-many-waiting = You already wait for 5 things. Nothing was charged. Cancel one in /orders, or wait until one is there.
refused-sold-out = This is sold out right now. Nothing was charged.
refused-recovering = We are looking through our books, so nothing is sold right now. Nothing was charged. Your open orders go on, and your money is safe. Please try again later.
refused-closed = ⏸ We are working on the shop, so nothing can be bought for the moment. You were charged nothing; open orders go on and your balance is safe.
refused-unavailable = Our supplier for this is not answering right now. Nothing was charged. Please try again in a few minutes.
refused-quote-expired = This offer is out of date. Nothing was charged. Please choose again to see today's price.
refused-price-changed = The price just changed. Nothing was charged. Please choose again to see the new one.
refused-no-such-order = I can't find this order. No money moved.
refused-wrong-state = That is no longer possible with this order. No money moved; its card shows where it stands.
refused-cancel-too-early = You can cancel in { $wait }. Your money stays set aside until then.
refused-no-resend = This number can't receive another SMS. No money moved.
refused-unknown-user = This user never wrote to the bot. Nothing was booked. Ask them to send /start first.
refused-ambiguous-user = Several users have had this name. Nothing was booked. Please use the ID from their wallet.
refused-not-a-number = “{ $text }” is not an amount. Nothing was booked. Write digits only, like <code>50000</code>.
refused-not-positive = The amount must be more than zero. Nothing was booked.
refused-not-whole = Amounts have no decimals here. Nothing was booked. Write a whole number, like <code>50000</code>.
refused-too-precise = The amount has too many decimals (at most { $decimals }). Nothing was booked.
refused-too-large = The amount is too large. Nothing was booked.
refused-under-cost = That would sell under cost. The prices stay as they are.
refused-no-step = The step must be more than zero. The prices stay as they are.
refused-markup-too-large = This markup is too large. The prices stay as they are.
refused-balance-too-large = The balance would become too large. Nothing was booked.
refused-top-up-off = This way to top up is not offered right now. No money moved.
refused-no-such-payment = I know no payment with this number, and nobody by this name. Nothing was given back.
refused-not-refundable = This payment was given back, or is being given back. Nothing more moved.
refused-spent = The wallet has { $available } left, but this payment brought { $amount }. Nothing was given back.
refused-called-already = The people who run this shop have your message. You can write to them again in { $wait }.
refused-nobody-there = Nobody runs this shop at present, so your message reached nobody. No money moved.
refused-not-that-much = There is only { $available } in this wallet. Nothing was taken.
refused-cap = This would go over your daily limit of { $most }. Nothing was booked.
refused-no-such-request = This request ended. No money moved now.
refused-too-many-requests = Too many people are sending about this amount right now. Nothing was opened. Please take another amount, or try again later.
refused-booked-meanwhile = Another admin booked the same amount for this user just now. Nothing was booked again.
refused-voucher = A voucher needs an amount and a number of uses, and its expiry looks like 30d, 12h or never. No voucher was made.
refused-no-such-voucher = There is no voucher with this code. Nothing was booked. Please check each letter.
refused-voucher-used-up = This voucher is used up, or its time is over. Nothing was booked.
refused-voucher-used-by-you = You have used this voucher already. Nothing was booked twice.
refused-guessing = Those were too many wrong codes. You can try again in { $wait }. Nothing was booked.
refused-key-reused = This button was already used for something else. No money moved.
refused-cannot-write = We can't save anything right now, so nothing happened and no money moved. Your orders and codes are safe. Please try again in a minute.

## Admins

button-admin-book = ✅ Book { $amount }
button-admin-book-again = ⚠️ Book { $amount } once more
button-admin-deduct = ✅ Take { $amount }
button-admin-discard = ✖️ Discard
topup-usage =
    <b>Top up a wallet</b>
    <code>/topup &lt;user ID or @name&gt; &lt;amount&gt; [memo]</code>

    For example: <code>/topup 123456789 50000 bank transfer</code>
topup-draft =
    Top up <b>{ $name }</b> (ID { $id }) by <b>{ $amount }</b>?

    Balance: { $before } → { $after }
topup-same =
    ⚠️ Admin { $by } booked the same amount for this user { $ago }. Book it once more only if it is a second payment.
topup-booked =
    ✅ Booked: { $amount } for <b>{ $name }</b> (ID { $id }).
    Balance now: { $available }
deduct-usage =
    <b>Take money out of a wallet</b>
    <code>/deduct &lt;user ID or @name&gt; &lt;amount&gt; &lt;reason&gt;</code>

    The user reads the reason. Nothing was taken.
deduct-draft =
    Take <b>{ $amount }</b> out of the wallet of <b>{ $name }</b> (ID { $id })?

    Balance: { $before } → { $after }
deduct-booked =
    ✅ Taken: { $amount } from <b>{ $name }</b> (ID { $id }).
    Balance now: { $available }
button-refund = ✅ Give { $stars } Stars back
refund-usage =
    <b>Give Stars back</b>
    <code>/refund &lt;payment number&gt;</code>, or <code>/refund &lt;user ID or @name&gt;</code> for their payments
refund-payments = Payments in Stars by <b>{ $name }</b>:
refund-facts = { $stars } Stars ({ $amount }) of <b>{ $name }</b> (ID { $id }), { $charge }
refund-draft =
    Give back { $facts }?

    The wallet: { $before } → { $after }
refund-begun = ⏳ { $amount } left the wallet of <b>{ $name }</b>, and Telegram is asked to return { $stars } Stars. You are told how it went.
refund-returned = ✅ Given back: { $facts }
refund-refused = ⚠️ Telegram refused to give back { $facts }. The money is in the wallet again.
refund-by-telegram = ⚠️ Telegram gave back { $facts } by itself. The money left the wallet.
refund-owed = ⚠️ Telegram gave back { $facts } by itself, but the wallet does not hold that much any more. The money is taken out once it does.
admin-discarded = Discarded. Nothing was changed.
providers-board = <b>Upstreams</b>
providers-on = 🟢 <b>{ $provider }</b> · priority { $priority }
providers-off = ⏸ <b>{ $provider }</b> · switched off; open orders go on
providers-resting = 🔴 <b>{ $provider }</b> · does not answer; tried again in { $wait }
providers-balance = Balance: { $balance } ({ $ago })
providers-tells-no-balance = Balance: this upstream does not tell it.
providers-no-balance = Balance: not read yet
providers-warns = You are warned below { $low }.
providers-held-back = ⚠️ { $offers } offers are held back: the balance does not cover them.
providers-cancels = Given back early in 24 h: { $cancelled } of { $bought } ({ $percent }%).
providers-last-resort = ⚠️ That is more than { $limit }%: the others sell first until it is less.
providers-read = Price list read { $ago }.
providers-stale = ⚠️ { $countries } countries are not sold: they were read too long ago.
providers-never-read = Price list not read yet.
providers-calls = Last { $calls } calls: { $troubles } failed; half took up to { $median } ms, nine of ten up to { $slow } ms.
providers-no-calls = Not asked for anything yet.
providers-usage =
    Change: <code>/providers set &lt;name&gt; [on|off] [priority=…] [low=…]</code>
    Of two equal prices the higher priority sells. Below <code>low</code> you are warned.
providers-unreadable = I can't read “{ $word }”. Nothing was changed.
providers-unknown = There is no upstream called “{ $provider }”. Nothing was changed.
many-cancelled =
    ⚠️ { $percent }% of the numbers from { $provider } were given back within a day; your limit is { $limit }%. Upstreams lock accounts for that, so the others sell first until it is less.

    Do codes of { $provider } arrive at all? If not, switch it off with /providers. If they do, its numbers may be too slow or too cheap to be taken seriously: look at its price with /prices.
low-balance = ⚠️ Our balance at { $provider } runs out: { $balance }. Offers that it does not cover are held back. Please top it up.
low-balance-lasts = At this pace it lasts about { $hours } h.
recovery-older = ⚠️ <b>An older copy of the database was put back.</b> What happened after that copy was made is unknown to it.
recovery-moved = ⚠️ <b>The database was moved, or a copy was put back.</b> The note of how far it had come is not beside it.
recovery-upstream = ⚠️ <b>A supplier lists open numbers that are newer than anything known here.</b> Either a backup was put back together with the note beside it, or somebody bought with the same key by hand. If it was you by hand, <code>/recovery done</code> is all there is to do.
recovery-what-to-do =
    Nothing is sold until you say so; open orders go on. Compare the upstreams' own order lists with ours, book lost top-ups again with /topup, and then send <code>/recovery done</code>.
recovery-open = Open orders here: { $count }
recovery-done = ✅ The recovery is over: numbers are sold again.
recovery-none = Everything is as it should be: no backup was put back.
possible-orphan =
    ⚠️ Order { $order } was paid back without proof. At { $provider } a number may be left that costs us { $cost }. Please look into your account there and cancel what is left.

## Prices (for admins)

button-admin-apply = ✅ Apply
button-admin-apply-loss = ⚠️ Apply, losses and all
button-prices = 🏷 Prices
button-prices-leave = ✖️ Leave it
button-prices-undo = ↩️ Undo
button-prices-undo-one = ↩️ Undo #{ $id }
button-prices-everywhere = 🌍 Everything
button-prices-by-provider = By upstream
button-prices-by-country = By country
button-prices-by-service = By service
button-prices-rules = Rules ({ $count })
button-prices-promotions = Promotions ({ $count })
button-prices-history = 🕘 History
button-prices-promote = 🏷 Promotion
button-prices-end-promotion = ⏹ End promotion
button-prices-remove = 🗑 Remove rule
button-prices-other = ⌨️ Other…
button-prices-from-now = Starts now
button-prices-from-day = Starts in { $days } d
button-prices-for-days = For { $days } d
button-rates = 💱 Rates
button-rate = { $currency }
button-rate-settings = ↩️ Back to the settings
label-prices-everything = Everything
label-prices-mailboxes = ✉️ Mailboxes
label-prices-settings = the settings
label-prices-none = no price
label-prices-percent = Percent
label-prices-fixed = Fixed
label-prices-step = Step
label-prices-minimum = Minimum
prices-board =
    <b>Prices</b>
    Routes on sale: <b>{ $routes }</b>
prices-default = Everywhere: { $markup }
prices-default-settings = Everywhere: { $markup } (from the settings)
prices-unpriced = ⚠️ Routes without a price: { $count }. They are not sold: a rate is missing. See /rates.
prices-old-rate = ⚠️ The rate of { $currency } was set { $ago }. Look at it with /rates.
prices-markup = { $percent }% + { $fixed }, in steps of { $step }
prices-markup-least = { $markup }, at least { $minimum } over cost
prices-rate-worth = 1 = { $rate }
prices-nothing-set = nothing
prices-promo-running = 🏷 { $off } until { $until }
prices-promo-coming = 🏷 { $off } from { $from } until { $until }
prices-range = { $routes } routes, { $low } to { $high }
prices-none-here = Nothing is on sale here now.
prices-rule-here = <b>Rule here:</b> { $markup }
prices-rule-over = <b>No rule here.</b> { $markup }, by: { $from }
prices-route-price = <b>{ $price }</b>
prices-route-promo = <b>{ $price }</b> <s>{ $was }</s> until { $until }
prices-route-margin = Margin: <b>{ $margin }</b> ({ $percent }%)
prices-route-margin-free = Margin: <b>{ $margin }</b>
prices-route-cost = Cost: { $cost } ≈ { $wallet }
prices-route-markup = Markup: { $markup }, by: { $from }
prices-route-stock = In stock: { $stock }
prices-list = Choose, or type a name.
prices-found = Found for “{ $text }”:
prices-found-nothing = Nothing on sale here is called “{ $text }”.
prices-ask-percent = How many percent on top of the cost?
prices-ask-fixed = How much on top, after the percentage?
prices-ask-step = To a multiple of what are prices rounded up?
prices-ask-minimum = How much must a sale bring at least?
prices-ask-off = How much off? No promotion goes under cost and the minimum margin.
prices-ask-until = For how long?
prices-type-it = Type it, or go back.
prices-type-off = How much off? <code>12.5%</code>, or an amount.
prices-type-until =
    Until when? <code>2026-12-01</code> is to the end of that day, UTC; <code>2026-12-01T18:00</code> is exact.
    Two of them are from and until.
prices-rules = <b>Rules</b>
prices-no-rules = None. Everything follows the settings.
prices-rule = <b>{ $scope }</b>: { $markup } · { $ago }
prices-promotions = <b>Promotions</b>
prices-no-promotions = None runs, and none is to come.
prices-history = <b>History of prices</b>
prices-no-history = Nobody has changed anything yet.
prices-change =
    #{ $id } <b>{ $what }</b>
    { $who } · { $ago }
    { $old } → { $new }
prices-undid = ↩️ took back #{ $id }
prices-usage =
    <code>/prices set [all|provider=… country=… service=…] percent=… fixed=… step=… min=…</code>
    <code>/prices remove [the same]</code>
    <code>/prices promo [the same] percent=10 until=2026-12-01</code>, with <code>off=500</code> for an amount and <code>from=…</code> for later; <code>/prices promo [the same] end</code>
prices-unreadable = I can't read “{ $word }”. The prices stay as they are.
prices-nothing-given = Something is missing: percent, fixed, step or min; for a promotion percent or off, and until. The prices stay as they are.
prices-unknown = This provider, country or service is not known. The prices stay as they are.
prices-again = ⚠️ <b>Something changed since you looked.</b> Nothing was applied. This is how it is now:
prices-draft = Change <b>{ $what }</b>?
prices-undoes = ↩️ This takes back change #{ $id }.
prices-now = Now: { $setting }
prices-then = Then: { $setting }
prices-effect = <b>{ $changed }</b> of { $routes } prices change: ↑ { $rise }, ↓ { $fall }
prices-losses = ⚠️ <b>{ $count } would sell at a loss</b>, by what they cost now:
prices-loss = • { $route }: costs { $cost }, sells for <b>{ $price }</b>
prices-gone = 🚫 <b>{ $count }</b> would have no price, and not be sold:
prices-come = 🆕 <b>{ $count }</b> would have a price, and be sold:
prices-stopped = 🛑 <b>{ $count }</b> stop at cost and minimum margin:
prices-most = Those that change most:
prices-move = • { $route }: { $old } → <b>{ $new }</b>
prices-stays = • { $route }: <b>{ $price }</b>
prices-and-more = … and { $count } more
prices-set = ✅ In effect for <b>{ $what }</b>: { $setting }
rates-board = <b>Rates</b>
rates-none = All upstreams take { $currency }. No rate is needed.
rates-rate = 1 { $currency } = <b>{ $rate }</b>
rates-by-settings = From the settings (RATE_{ $currency }), { $ago }
rates-by-admin = Set by { $who }, { $ago }
rates-settings-say = RATE_{ $currency } in the settings says { $rate }; what an admin set wins.
rates-routes = Routes priced by it: { $routes }
rates-old = ⚠️ That is old. Is it still right?
rates-missing = ⚠️ <b>{ $currency }</b> has no rate: { $routes } routes are not sold.
rates-choose = What is one worth now?
rates-type = What is 1 { $currency } worth in { $own }? Digits, with a point before decimals.
rates-usage = <code>/rates set USD 16500</code>, or <code>/rates reset USD</code> for what the settings say
rates-unreadable = I can't read “{ $word }”. The rates stay as they are.
old-rates = ⚠️ <b>Prices are made by old rates.</b> If a currency rose since, you sell too cheap:
old-rates-one = 1 { $currency } = { $rate }, { $ago }
refused-no-rule = There is no rule for exactly this. The prices stay as they are.
refused-no-promotion = There is no promotion for exactly this. The prices stay as they are.
refused-nothing-off = That takes nothing off. The prices stay as they are.
refused-everything-off = That takes everything off. The prices stay as they are.
refused-promotion-over = A promotion must end after its start, and in the future. The prices stay as they are.
refused-promotion-long = A promotion lasts a year at most, and begins within one. The prices stay as they are.
refused-unknown-currency = No upstream takes { $currency }. The rates stay as they are.
refused-no-rate = A rate must be more than zero. The rates stay as they are.
refused-rate-not-set = No admin set this rate: it comes from the settings. Nothing was changed.
refused-no-change = There is no such change. The prices stay as they are.
refused-changed-since = The same was changed again since, so this can't be taken back alone. Undo the latest change first. The prices stay as they are.
refused-as-it-is = It is like this already. Nothing was changed.

## Services, announcements, maintenance (for admins)

button-service-hide = 🙈 Hide
button-service-show = 👁 Show
button-service-pin = 📌 Pin to the top
button-service-unpin = 📌 Unpin
button-service-rename = ✏️ Rename
button-service-own-name = ↩️ Its own name
button-announce = 📣 Put it on the menu
button-announce-off = ✖️ Take it down
button-maintenance-on = ⏸ Close the shop
button-maintenance-off = ▶️ Open the shop
services-none = <b>Services</b>: none is hidden, pinned or renamed.
services-decided = <b>Services</b> that are hidden 🙈, pinned 📌 or renamed:
services-found = <b>Services</b> like “{ $text }”:
services-not-found = No service is called “{ $text }”.
services-type = Type a name to find others.
service-own-name = Its own name: { $name }
service-routes = Routes on sale: { $routes }
service-denied = 🚫 The shop's policy keeps it from being sold, whatever you choose here.
service-hidden = 🙈 Hidden: shown and sold nowhere, nor are mailboxes for it. Open orders go on.
service-hidden-with = 🙈 Hidden, as its service is.
service-pinned = 📌 At the top since { $ago }
service-ask-name = What shall <b>{ $name }</b> be called? Up to 40 letters. It is still found by its own name.
announce-none =
    Nothing is announced. <code>/announce &lt;text&gt;</code> puts a text on the main menu, after a look at it.
announce-now = <b>On the main menu:</b>
announce-draft = Put this on the main menu, for everybody?
announce-cut = ⚠️ It was longer than 500 letters, so its end is cut off.
maintenance-off = ▶️ <b>The shop is open.</b>
maintenance-on =
    ⏸ <b>The shop is closed.</b>
    Nothing is bought, rented or renewed; orders in line wait. What was bought goes on, top-ups are credited.
maintenance-usage = <code>/maintenance on [text]</code>, <code>/maintenance off</code>. Users read the text.
maintenance-unreadable = I can't read “{ $word }”. Nothing was changed.

## Doubts and reconciliation (for admins)

doubts-none = ✅ Nothing is in doubt. The upstreams and the books agree.
doubts-board = <b>Not settled</b>
doubts-in-doubt =
    ⏳ <b>Order { $order }</b> · { $service } · { $price }
    { $provider } was asked { $ago } and its answer got lost. Looked for and not found: { $reads }×.
    Settled by itself in { $left } at the latest; the user then has the number or the money.
doubts-unproven =
    ❓ <b>Order { $order }</b> · { $provider } · { $cost }
    Asked { $ago }. The user has the money back; whether we were charged is not known. Look into the order history there.
doubts-balance-lower = 📉 <b>{ $provider }</b>: the balance is { $amount } lower than the books explain.
doubts-balance-higher = 📈 <b>{ $provider }</b>: the balance is { $amount } higher than the books explain. It is looked at once more by itself.
doubts-stranger = 👤 <b>{ $provider }</b>: order <code>{ $upstream }</code> is open there and not from this shop.
doubts-missing = 🔍 <b>{ $provider }</b>: it does not know <code>{ $upstream }</code>, our order { $order }. Without an SMS the user gets the money back when its time is over.
doubts-more = … and { $count } more.
doubts-usage = If you find an order in doubt in the history there: <code>/doubts bought &lt;order&gt; &lt;id there&gt; &lt;number&gt;</code>
doubts-unreadable = I can't read “{ $word }”. Nothing was changed.
doubts-bought = ✅ Order { $order } has its number now; its user sees it.
doubts-settled = Order { $order } was settled already, or that id belongs to another order. Nothing was changed.
button-not-bought = Order { $order }: not bought
button-number-lost = Order { $order }: charged, number lost
button-float-accept = Take it into the books: { $provider }
toast-ruled-not-bought = Order { $order }: not bought. The user has the money.
toast-ruled-lost = Order { $order }: booked as a cost of ours.
toast-ruled-already = Order { $order } was settled already. Nothing was changed.
toast-float-accepted = Taken into the books.
providers-in-doubt = ⏳ A purchase there is in doubt. Until it is settled nothing else is bought there: /doubts
finding-strangers = ⚠️ At { $provider } orders are open that are not from this shop: { $count } of them, { $example } for one. If you didn't buy by hand with the same key, change the key. /doubts
finding-missing = ⚠️ { $provider } does not know our order { $order }, which waits for its SMS. Its user gets the money back when its time is over; please look into your account there. /doubts
finding-orphan-cancelled = ✅ The number of order { $order }, which was paid back, surfaced at { $provider } and was cancelled. It cost us nothing.
finding-balance-fell = ⚠️ The balance at { $provider } is { $amount } lower than the books explain. Perhaps a price rose unseen, or numbers were bought by hand with the same key. Look into the history there, then decide: /doubts
finding-balance-rose = 📈 The balance at { $provider } rose by { $amount }. It was noted as paid in by you.
finding-audit = 🚨 The nightly audit found differences in the books ({ $count }), first: { $example }. Please stop the bot, keep a copy of the database and run <code>numshop audit</code>.

## Broadcasts, backups and alerts (for admins)

label-act-broadcast = 📣 Broadcast
label-audience-all = Everybody
label-audience-active = Here within the last 30 days
label-audience-funded = With money in the wallet
button-broadcast-send = 📣 Send to { $count }
button-broadcast-other = ‹ Others
button-broadcast-pause = ⏸ Pause
button-broadcast-resume = ▶️ Resume
button-broadcast-cancel = ✖️ Send to nobody else
button-news-stop = 🔕 No more news
button-news-on = 🔔 News from the shop: on
button-news-off = 🔕 News from the shop: off
toast-news-on = You get news from the shop again.
toast-news-off = No more news. What concerns your orders and your money still comes. /language turns them on again.
toast-broadcast-already = It is so already. Nothing was sent again.
broadcast-usage =
    <b>A message to many</b>

    1. Write it here as it shall look: a text, a photo, a file …
    2. Reply to it with <code>/broadcast</code>.

    You choose who gets it and see it once more before anything leaves.
broadcast-album = I can't send albums: of several pictures each is a message of its own. Please send one picture, and reply to that. Nothing was sent.
broadcast-audience = Who shall get it? Those who turned news off or blocked the bot are not counted.
broadcast-confirm =
    ☝️ So it will look. Nothing has left yet.

    To: <b>{ $audience }</b>
    <b>{ $count }</b> people · takes about { $time }
broadcast-running = 📣 <b>It goes out</b>
broadcast-paused = ⏸ <b>Paused</b>
broadcast-done = ✅ <b>Everybody was written to</b>
broadcast-cancelled = ✖️ <b>Stopped.</b> Nobody else gets it.
broadcast-original-gone = ✖️ <b>Stopped: your message was deleted.</b> Nobody else gets it.
broadcast-progress = <b>{ $delivered }</b> of { $total } have it · { $audience }
broadcast-left = About { $time } left.
broadcast-blocked = 🚫 Blocked the bot: { $count }
broadcast-failed = ⚠️ Not reached: { $count }
broadcast-declined = 🔕 Turned news off meanwhile: { $count }
broadcast-busy = Another message is still on its way. One at a time: wait for it, or stop it.
broadcast-no-original = Your message is gone. Write it again and reply to it with /broadcast. Nothing was sent.
broadcast-no-copy = Telegram does not let this kind of message be copied. Please write it another way. Nothing was sent.
broadcast-try-again = Telegram does not answer just now. Please try again. Nothing was sent.
label-act-backup = 💾 Backup
backup-made =
    💾 <b>Backed up:</b> { $size }, read through and found whole.
    { $path }

    It stays on the server; fetch it from there.
backup-differences = ⚠️ The books have differences ({ $count }), in the backup as in the original: /doubts
backup-off = No folder is set for backups. Put <code>BACKUP_FOLDER</code> into the settings, or run <code>numshop backup FILE</code> on the server.
backup-server = The database is on a PostgreSQL server: its own <code>pg_dump</code> backs it up.
backup-failed = ⚠️ <b>No backup was made:</b> { $reason }. Earlier ones are as they were.
button-alert-providers = 🔌 Upstreams
button-alert-doubts = ⚖️ What is not settled
button-alert-recovery = 🛟 Recovery
button-alert-request = 🏦 Request { $id }
button-alert-disk = 🔄 Look again
button-alert-backup = 💾 Try now
alert-low-balance = ⚠️ <b>Our balance is low.</b> Upstreams: { $count }.
alert-provider-down = 🔌 <b>Upstreams of no use: { $count }</b>
    The others sell; what is open is asked for again and again.
alert-in-doubt = ⏳ <b>Purchases in doubt: { $count }</b>
    Each user has the number or the money within minutes, without you.
alert-audit = 🚨 <b>The books are wrong.</b>
alert-topup-waiting = 🏦 <b>Waiting for the money they sent: { $count }</b>
alert-disk = 💽 <b>The disk is nearly full:</b> { $megabytes } MB are left where the database is. Once it is full, nothing is sold. Please make room.
alert-backup = 💾 <b>No backup was made:</b> { $reason }. Earlier ones are as they were.
alert-request = Request { $id }
alert-line = { $about } · for { $minutes } min
solved-low-balance = ✅ The balance is fine again: { $names }.
solved-provider-down = ✅ Of use again: { $names }.
solved-in-doubt = ✅ No longer in doubt: { $names }.
solved-audit = ✅ The books are right again.
solved-disk = ✅ The disk has room again.
solved-topup-waiting = ✅ No longer waiting: { $names }.
solved-backup = ✅ The database was backed up again.
disk-room = { $size } are free where the database is.
disk-unknown = How much room is left is not known here: the database is on a server, or the system does not say.

## Staff (for admins)

label-role-none = user
label-role-support = support
label-role-admin = admin
label-role-owner = owner
label-act-topup = 💰 Top-up
label-act-deduct = 💸 Deduction
label-act-price = 🏷 Price
label-act-provider = 🔌 Upstream
label-act-ruling = ⚖️ Ruling
label-act-balance = 📒 Balance accepted
label-act-voucher = 🎟 Voucher
label-act-request = 🏦 Transfer request
label-act-stars-refund = ⭐ Stars given back
label-act-recovery = 🛟 Recovery ended
label-act-role = 👤 Role
label-act-service = 📌 Service
label-act-announcement = 📣 Announcement
label-act-maintenance = ⏸ Maintenance
button-audit = 🧾 What was done
button-role-set = ✅ Change the role
toast-role-already = This was done before. Nothing changed again.
role-list = <b>Who runs the shop</b>
role-line = { $role }: <b>{ $name }</b> (ID { $id })
staff-usage =
    <code>/role &lt;user ID or @name&gt; support</code>
    <code>/role &lt;user ID or @name&gt; admin</code>
    <code>/role &lt;user ID or @name&gt; none</code>

    Support looks, answers and gives money back up to the limit that the settings allow. Admins run the shop. Owners also give roles; they are named in the settings.
role-draft =
    Change the role of <b>{ $name }</b> (ID { $id })?

    { $before } → <b>{ $after }</b>
role-set = ✅ <b>{ $name }</b> (ID { $id }) is now: { $role }.
role-news = You run this shop too now, as: <b>{ $role }</b>. Your new commands are in the menu beside the text field.
role-news-none = You do not run this shop any more. Your wallet and your orders are as they were.
refused-role-owner = Owners are named in the settings of the bot. Nothing changed.
refused-role-same = It is so already. Nothing changed.
refused-role-too-low = This needs more rights than you have. Nothing changed. An owner of the shop can give them: /role.
audit-title = <b>What was done</b>
audit-none = Nothing yet.
audit-head = <b>{ $act }</b> · { $subject }
    { $by }, { $ago }
audit-change = { $before } → { $after }

## Rentals

command-rent = Rent a number for longer
button-rent = 📞 Rent a number
button-my-rentals = 📞 My rentals
button-all-countries = 🌍 All countries
button-inbox = 📥 All SMS
button-try-again-inbox = 🔄 Newest
button-renew = 🔁 Renew
button-label = ✏️ Name it
button-mute = 🔕 Mute
button-unmute = 🔔 Unmute
button-open-rental = 📞 Open the rental
label-duration-per-day = { $span } · { $price } ({ $day } a day)
label-rental = { $flag } { $name } · { $left }
state-rented = 📞 rented
rental-title = 📞 Rental for { $span }
renewal-title = 🔁 { $span } more
rent-countries =
    📞 <b>Rent a number</b>

    It is yours for the whole time and receives every SMS, from any service. Which country? Tap it, or type its name.
rent-found = 📞 This fits “{ $text }”:
rent-not-found = No numbers are rented out in “{ $text }”. Try another spelling, or look at all countries.
rent-nothing = No numbers are for rent right now. Please try again later.
button-reminders = ⏰ Reminders of rentals
label-reminder = { $sign } { $span } before the end
reminders =
    <b>Reminders</b>

    When shall I remind you that a rental ends? Tap to switch one on or off.
rent-durations =
    <b>{ $country }</b>

    For how long?
rent-checking = 🔎 Looking at what is left…
rent-left = Numbers left: { $count }
rent-promise =
    You pay when the number is here; if none can be had, the price comes back by itself.
    All SMS arrive in this chat. A rental can't be given back.
renewal-promise = You pay when the new end is confirmed; if it is not, the price comes back by itself. Your number stays the same.
card-rented =
    📞 Yours for { $left } more, until { $until }.
    Every SMS to it comes to this chat.
card-rental-over = This rental ended on { $until }. Its SMS stay readable here.
card-renewing =
    ⏳ Renewing…
    { $price } is set aside. If it fails, it comes back at once.
card-renewed = ✅ Renewed until { $until }. { $price } is paid.
rentals = 📞 <b>Your rentals</b>
rentals-none = You have no rental yet.
inbox-none = No SMS yet. They come here by themselves, and into this chat.
sms-from = 📩 <b>{ $sender }</b> · { $when }
sms-at = 📩 { $when }
renew-durations = Ends in { $left }, on { $until }. For how much longer?
renew-nothing = This rental can't be renewed right now. Nothing was charged.
rental-ask-label = What shall I call this number? Type a name, or “-” for none.
rental-labelled = ✅ Named.
rental-ends = ⏰ This rental ends in { $left }, on { $until }. Renew it in time to keep the number: afterwards it is gone for good.
rental-over = ⌛ This rental is over. The number receives nothing more; its SMS stay readable.
toast-muted = 🔕 Its SMS no longer ring. You find them under “All SMS”.
toast-unmuted = 🔔 Its SMS ring again.
mailbox-title = 📧 { $service }
button-copy-address = 📋 Copy address
refused-cannot-renew = This rental is being renewed already, or its time is over. Nothing was charged.

## Statistics and cards (for admins)

command-stats = What the shop earned and sold
command-user = Show a user
command-order = Show an order
stats =
    📊 <b>{ $days }</b>

    <b>{ $margin }</b> margin
    { $revenue } revenue − { $cost } cost
stats-goodwill = − { $amount } given back after delivery
stats-shares = − { $amount } for inviting others
stats-spent = { $amount } at upstreams (today { $converted })
stats-spent-own = { $amount } at upstreams
label-chart-revenue = Revenue
label-chart-cost = Cost
stats-spent-no-rate = ⚠️ { $amount } at upstreams: no rate is set, so it is not in the margin. /prices
stats-unproven = ❓ { $amount } may have been charged. /doubts
stats-product = { $name }: { $orders } · { $revenue } − { $cost }
stats-providers = <b>Upstreams</b> (success · half of the codes within · orders)
stats-services = <b>Services</b>
stats-fared = { $name }: { $percent } · { $median } · { $orders }
stats-users = 👥 { $new } new, { $active } active
stats-top-ups = <b>Came in</b>
stats-chart = 📈 { $days }, in { $currency }
stats-no-chart = The chart could not be drawn. The numbers above are right.
stats-unreadable = I can't read “{ $word }”. Try <code>/stats today</code>, <code>/stats 30d</code> or <code>/stats 2026-01-01..2026-01-31</code>. Days are those of UTC.
button-stats-today = Today
button-stats-chart = 📈 Chart
label-product-activation = 📱 Numbers
label-product-rental = 📞 Rentals
label-product-renewal = 🔁 Renewals
label-product-mailbox = 📧 Mailboxes
label-source-manual = By hand
label-source-stars = Stars
label-source-voucher = Vouchers
label-source-request = Transfers and QRIS
label-kind-topup = top-up
label-kind-hold = held
label-kind-capture = paid
label-kind-release = back to the wallet
label-kind-goodwill = given back
label-kind-stars-refund = Stars given back
label-kind-adjust = correction
label-kind-cost = cost
label-kind-cost-refund = cost came back
user-usage =
    <b>Show a user</b>
    <code>/user &lt;user ID or @name&gt;</code>
user-card =
    👤 <b>{ $name }</b> · { $id }
    { $language } · here since { $since }

    <b>{ $available }</b> in the wallet, { $held } held
user-banned = ⛔ Banned
user-blocked = 🔕 Blocks the bot
user-flag = { $flag } ({ $ago })
user-seen = Last here: { $ago }
user-never-seen = Last here: not known
user-orders = 🧾 <b>Orders: { $all }</b> · { $delivered } delivered, { $cancelled } cancelled, { $expired } expired, { $failed } without a number, { $open } open
user-given-back = Gives back { $percent } % of the numbers
user-came-in = { $source }: { $amount } ({ $count }×)
user-note = 📝 { $note }
user-no-orders = { $name } has no order yet.
user-orders-of = Orders of <b>{ $name }</b>:
user-moves-of = What moved in the wallet of <b>{ $name }</b>:
user-move = { $at } { $order }{ $what }
user-which-note = 📝 What shall be noted about <b>{ $name }</b>? Only the staff reads it. Type it, or “-” for nothing.
user-which-words = ✉️ What shall I write to <b>{ $name }</b>? Type it; you see it once more before it goes out.
user-draft = ✉️ To <b>{ $name }</b>:
button-desk-moves = 💱 Transfers
button-desk-note = 📝 Note
button-desk-write = ✉️ Message
button-desk-send = ✉️ Send it
button-desk-ban = ⛔ Ban
button-desk-unban = ✅ Let back in
button-desk-user = 👤 { $name }
button-desk-order = 🧾 Order { $order }
button-desk-number = 👁 Show the whole number
button-desk-cancel = ↩️ Cancel, { $amount } back
button-desk-refund = ↩️ Give { $amount } back
button-desk-newer = ‹ Newer
button-desk-older = Older ›
toast-desk-banned = Banned. Open orders end as they would.
toast-desk-unbanned = Welcome back.
toast-desk-sent = On its way.
toast-desk-sent-already = Sent before. Nothing was sent twice.
toast-desk-cancel-asked = Cancelling. The money is back once the supplier agrees.
toast-desk-cancelled = Cancelled. The money is back in the wallet.
toast-desk-given = { $amount } is in the wallet. The user knows.
toast-pay-banned = You can't use this shop, so nothing was paid. For questions: /paysupport
order-usage =
    <b>Show an order</b>
    <code>/order &lt;number&gt;</code>

    Give back a part of it: <code>/order &lt;number&gt; refund &lt;amount&gt; &lt;reason&gt;</code>
story =
    🧾 <b>Order { $order }</b> · { $state }
    { $title }
    <b>{ $price }</b> · { $name } ({ $user })
    { $at }
story-upstream = { $provider } · <code>{ $id }</code> · { $cost }
story-number = { $number }
story-steps = <b>Steps</b>
story-step = { $at } { $what } → { $state }
story-calls = <b>Purchase calls</b>
story-call = { $at } { $provider }: { $asked } for { $cost }
story-answer = ↳ { $outcome }, after { $took } s
story-no-answer = ↳ not known yet
story-money = <b>Money</b>
story-transfer = { $at } { $kind }: { $amount } · { $actor }
story-unproven = ↳ not proven
story-sms = 📩 { $count } received, last at { $times }
story-difference = ⚠️ { $provider } and the books disagree on <code>{ $id }</code>, since { $since }, last seen { $last }. /doubts
step-confirmed = confirmed
step-attempt-started = call sent
step-attempt-refused = refused
step-gave-up = given up
step-answer-lost = answer lost
step-number-bought = bought
step-delivered = delivered
step-number-not-found = not found
step-sms-arrived = SMS
step-cancel-asked = cancel asked
step-closed-upstream = closed upstream
step-time-up = time up
step-finished = finished
refund-why = Why does { $name } get the money of order { $order } back? They read your answer. Type it now.
refund-cancels =
    Cancel order { $order } of <b>{ $name }</b>? The { $amount } that are held come back once the supplier agrees.
refund-goodwill =
    Give <b>{ $amount }</b> of the { $price } for order { $order } back to <b>{ $name }</b>? It was delivered, so the shop bears it.
given-back =
    ↩️ <b>{ $amount }</b> for order { $order } is back in your wallet. You can spend { $available }.
admin-writes = ✉️ <b>The people who run this shop write to you:</b>
admin-writes-answer = To answer, send /paysupport and your words.
refused-banned = Sorry, you can't use this shop any more. What is under way and your money still come to you: /orders, /wallet. For questions: /support. /terms and /mydata work, too.
refused-nothing-paid = Nothing is paid for this order, or it is all back already. No money moved.
refused-more-than-paid = At most { $most } can be given back for this order. No money moved.
refused-no-reason = It needs a reason: the user reads it. No money moved.
label-act-order-refund = ↩️ Order refunded
label-act-ban = ⛔ Ban
label-act-note = 📝 Note
label-act-message = ✉️ Message
label-act-number = 👁 Number shown
command-export = Get the books as tables
export-usage =
    <b>The books as tables</b> (CSV)
    <code>/export orders|transfers|users [range]</code>

    For example: <code>/export orders 30d</code> or <code>/export transfers 2026-01-01..2026-01-31</code>. Without a range it is everything.
export-begun = ⏳ I am writing it down. The file comes by itself.
export-ready = 📤 File { $part } of { $parts } · rows: { $rows }
export-too-much = That is too much for Telegram. Please name a shorter range, or run <code>numshop export</code> on the server.
export-failed = That did not work. Nothing was sent; please try again.
label-act-export = 📤 Export

## Mailboxes

command-email = Get a mailbox for one code
button-email = 📧 Get a mailbox
button-by-domain = 📮 By domain
mail-services =
    📧 <b>A mailbox for one code</b>

    For which service? Tap it, or type its name.
mail-found = 📧 This fits “{ $text }”:
mail-not-found = There is no mailbox for “{ $text }”. Try another spelling, or look through all services.
mail-nothing = No mailboxes are for sale right now. Please try again later.
mail-domains = 📮 At which domain should the address be?
mail-service =
    📧 <b>{ $service }</b>

    At which domain should the address be?
mail-domain =
    📮 <b>@{ $domain }</b>

    For which service?
mail-promise =
    The address waits for a mail for { $lifetime }. You can cancel any time before it comes.
    No mail, no charge: the price comes back by itself.
card-mail-reserving =
    ⏳ Getting an address…
    { $price } is set aside. If there is none, it comes back at once.
card-mail-in-doubt =
    ⚠️ The supplier's answer got lost, so we are checking whether the address was bought.
    { $price } is set aside. In { $span } at the latest you have the address or your money back.
card-mail-waiting =
    ⏳ Waiting for the mail · { $left } left
    { $price } is set aside. You pay only when the mail arrives.
card-mail-cancelling =
    ⏳ Cancelling: we are asking the supplier.
    { $price } comes back once they agree, in { $span } at the latest. If the mail was faster, you get the mail.
card-mail-received = 📩 Your mail is here. { $price } is paid.
card-mail-expired = ↩️ No mail came in time. { $price } is back in your wallet.
mail-no-code = 📩 <b>A mail for { $service }</b>

# The gate: what is left out before anybody looks at it. At most 200 characters: it is a toast, too.
left-out-too-fast = 🐢 That was too fast for me, so I skipped it: nothing was bought and no money moved. Please try again in a few seconds.
left-out-too-busy = ⏳ The shop is very busy just now, so I skipped that: nothing was bought and no money moved. Please try again in a minute.
passed-on-command = A command that was forwarded or comes from another bot does nothing here. To use it, type it yourself.
