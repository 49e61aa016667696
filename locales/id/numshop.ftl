# Teks bot dalam bahasa Indonesia. `<b>`, `<i>`, dan `<code>` adalah markup Telegram.

language-name = Indonesia
number-group = .
number-point = ,

## Waktu

span-seconds = { $count } detik
span-minutes = { $count } menit
span-hours = { $count } jam
span-days = { $count } hari
ago-now = barusan
ago-minutes = { $count } menit lalu
ago-hours = { $count } jam lalu
ago-days = { $count } hari lalu
ago-unknown = entah sejak kapan

## Perintah

command-start = Menu utama
command-buy = Beli nomor
command-orders = Pesanan saya
command-wallet = Saldo saya
command-language = Ganti bahasa
command-paysupport = Masalah pembayaran
command-voucher = Tukar voucher
command-help = Cara pakai
command-cancel = Batalkan yang sedang dikerjakan
command-topup = Isi saldo pengguna
command-prices = Lihat atau ubah harga
command-rates = Lihat atau atur kurs
command-services = Sembunyikan, taruh di atas, ganti nama layanan
command-announce = Pasang teks di menu utama
command-maintenance = Tutup toko sementara
command-providers = Lihat atau ubah pemasok
command-doubts = Yang belum jelas dengan pemasok
command-deduct = Ambil uang dari dompet
command-refund = Kembalikan Stars
command-recovery = Setelah cadangan dipulihkan
command-role = Pengelola toko
command-audit = Yang dilakukan admin
command-backup = Cadangkan basis data
command-broadcast = Kirim pesan ke banyak pengguna

## Tombol

button-buy = 📱 Beli nomor
button-orders = 🧾 Pesanan
button-wallet = 👛 Saldo
button-settings = ⚙️ Pengaturan
button-help = ❓ Bantuan
button-menu = ‹ Menu
button-menu-below = Menu
button-back = ‹ Kembali
button-country = 🌍 Negara lain
button-all-services = Semua layanan
button-by-service = 🔎 Pilih layanan dulu
button-other-countries = 🌍 Harga di negara lain
button-star = ☆ Jadikan favorit
button-unstar = ★ Favoritmu
label-again = 🔁 { $service } · { $country } · { $price }
label-favourite = ★ { $name }
button-inline-buy = 📱 Ambil nomor
button-inline-shop = 📱 Tidak ketemu. Buka tokonya
label-inline-from = mulai { $price }
button-try-again = Coba lagi
button-top-up = 👛 Isi saldo
button-stars = ⭐ Isi saldo dengan Telegram Stars
button-other-stars = Jumlah lain
button-transfer = 🏦 Bank atau e-wallet
button-qris = 📷 QRIS
button-copy-amount = 📋 Salin { $amount }
button-withdraw = ✖️ Tidak jadi
button-voucher = 🎟 Tukar voucher
button-voucher-make = ✅ Buat vouchernya
button-copy-voucher = 📋 Salin kodenya
label-stars = ⭐ { $stars } → { $money }
label-invoice-title = Isi saldo { $money }
label-invoice = { $stars } Stars menambah { $money } ke dompetmu, langsung.
button-confirm = ✅ Beli seharga { $price }
button-copy-number = 📋 Salin nomor
button-copy-code = 📋 Salin { $code }
button-copy-id = 📋 Salin ID saya { $id }
button-cancel = ✖️ Batalkan
button-cancel-later = ✖️ Batalkan (bisa dalam { $wait })
button-another-sms = 📩 Minta SMS lagi
button-finish = ✅ Selesai
button-buy-again = 📱 Beli lagi
button-cheaper = 🔔 Kalau sudah lebih murah
button-tell-below = 🔔 { $limit } atau kurang
button-queue-below = ⏳ Belikan kalau sudah lebih murah
button-tell = 🔔 Kabari kalau sudah ada
button-queue = ⏳ Belikan begitu ada
button-queue-confirm = ✅ Sisihkan { $limit }
button-other-limit = Maksimal { $limit }
button-watches = 🔔 Yang saya tunggu
button-watches-count = 🔔 Menunggu kabar: { $count }
button-buy-now = 📱 Beli sekarang
button-tell-again = 🔔 Kabari lagi
button-open = 📱 Buka
button-provider-on = ▶️ Nyalakan { $provider }
button-provider-off = ⏸ Matikan { $provider }
label-service = { $name } · { $price }
label-sold-out = { $name } · habis
label-operator-stock = { $name } · { $price } · sisa { $stock }
label-watch = ✖️ { $name } · { $span }
label-order = { $state } · { $service } · { $ago }
server = Server { $number }
operator-any = ⭐ Bebas, harga terbaik
operator-any-balanced = ⭐ Bebas, paling sepadan
operator-any-success = ⭐ Bebas, paling manjur
operator-any-short = operator bebas
state-reserving = ⏳ mencari nomor
state-queued = ⏳ antre
state-in-doubt = ⚠️ dicek
state-waiting = ⏳ menunggu
state-received = 📩 kode masuk
state-cancelling = ⏳ dibatalkan
state-completed = ✅ selesai
state-cancelled = ↩️ batal
state-expired = ↩️ habis waktu
state-failed = ↩️ tanpa nomor
state-payment-credited = masuk dompet
state-payment-refunding = sedang dikembalikan
state-payment-refunded = sudah dikembalikan

## Menu

greeting =
    Halo <b>{ $name }</b>! 👋

    Di sini kamu bisa dapat nomor untuk terima kode SMS. Bayarnya hanya kalau kodenya masuk; kalau tidak, saldo kembali otomatis.

    Pilih tombol di bawah, atau langsung ketik nama layanannya, misalnya <i>WhatsApp</i>.
menu = Mau apa hari ini? Bisa juga langsung ketik nama layanannya.
menu-closed = ⏸ <b>Toko sedang dirapikan.</b> Sekarang belum bisa membeli; pesanan yang terbuka tetap berjalan.
menu-announcement = 📣 { $text }
nothing-left-open =
    Oke, kita mulai dari awal. Saldomu tidak berubah.

    Mau membatalkan nomor yang sudah dibeli? Buka lewat /orders.
help =
    <b>Cara pakai</b>

    1. Pilih layanan dan setujui harganya. Saldomu disisihkan dulu sebesar itu.
    2. Kamu dapat nomornya. Masukkan ke aplikasi yang mau mengirim kode.
    3. Kodenya muncul di sini. Baru saat itu saldonya terpakai.

    Kode tidak masuk, atau kamu batalkan sebelum masuk? Saldo kembali utuh.

    /buy beli nomor · /orders pesanan · /wallet saldo · /language bahasa
settings = <b>Pengaturan</b>

    Mau pakai bahasa apa? Dan mau terima kabar dari toko? Yang menyangkut pesanan dan uangmu selalu datang.
outdated = Menu ini sudah lama. Tidak ada yang terjadi dan saldomu aman. Ini yang baru:
unknown-command = Perintah itu belum ada. Ini yang bisa saya bantu:
only-text = Saya cuma bisa baca teks. Ketik nama layanannya, atau pilih tombol:
only-private = Ngobrolnya lewat chat pribadi saja ya, supaya kodemu tidak dilihat orang lain: @{ $bot }
broken =
    Maaf, ada gangguan di sisi kami. Sebelum mencoba lagi, cek dulu /orders dan /wallet: yang tertulis di sana itulah yang berlaku.

    Kalau menghubungi kami, sebutkan kode ini: { $incident }

## Pesan singkat

toast-not-yours = Tombol ini milik orang lain. Kirim /start untuk menu kamu sendiri.
toast-outdated = Menu ini sudah lama. Tidak ada yang terjadi.
toast-already-confirmed = Ini sudah kamu beli. Saldo tidak terpotong dua kali.
toast-cancel-asked = Sedang dibatalkan. Kami tanya pemasok dulu.
toast-cancelled = Sudah dibatalkan. Saldo sudah kembali.
toast-cancel-already = Pembatalan sedang diproses.
toast-resend = Oke, menunggu SMS berikutnya.
toast-finished = Selesai. Terima kasih!
toast-language = Oke, pakai bahasa Indonesia!
toast-starred = ★ Sekarang di urutan teratas.
toast-unstarred = ☆ Bukan favorit lagi.
toast-watching = 🔔 Oke, nanti dikabari.
toast-unwatched = Sudah dilupakan.
toast-topup-already = Sudah dibukukan. Tidak dibukukan dua kali.
toast-refund-already = Sudah dimulai. Tidak ada yang dikembalikan dua kali.
toast-request-ended = Ini sudah diputuskan. Tidak ada yang berpindah dua kali.
toast-request-approved = Dibukukan. Penggunanya sudah tahu.
toast-request-rejected = Ditolak. Penggunanya sudah tahu.
toast-pay-not-yours = Tagihan ini dibuat untuk orang lain. Belum ada yang dibayar. Buka dompetmu untuk tagihanmu sendiri.
toast-pay-outdated = Tagihan ini sudah kedaluwarsa. Belum ada yang dibayar. Ambil yang baru di dompetmu.
toast-pay-rate = Nilai Stars sudah berubah. Belum ada yang dibayar. Ambil tagihan baru di dompetmu.
toast-pay-too-large = Isi dompetmu akan terlalu besar. Belum ada yang dibayar.
toast-pay-cannot-write = Saat ini kami tidak bisa menyimpan apa pun. Belum ada yang dibayar. Coba lagi sebentar lagi.
toast-prices-already = Ini sudah berlaku.
toast-prices-again = Ada yang berubah sejak kamu melihatnya.
toast-shopkeeping-done = Sudah.
toast-shopkeeping-already = Sudah begitu.
toast-provider-on = { $provider } kembali berjualan.
toast-provider-off = { $provider } berhenti berjualan. Pesanan yang terbuka tetap jalan.

## Memilih

nothing-to-sell = Belum ada yang dijual saat ini. Daftar harga sedang kami ambil; coba lagi sebentar lagi ya.
choose-country = Mau nomor dari negara mana?
choose-service =
    <b>{ $country }</b>

    Butuh kode untuk layanan apa? Pilih, atau ketik namanya.
choose-service-anywhere =
    <b>Semua negara</b>

    Butuh kode untuk layanan apa? Pilih, atau ketik namanya.
choose-place =
    <b>{ $service }</b>

    Mau dari negara mana? Yang termurah paling atas.
found = Ini yang cocok dengan “{ $text }” di { $country }:
found-nothing = Tidak ada yang mirip “{ $text }” di { $country }. Coba ejaan lain, atau lihat semua layanan.
found-elsewhere = Tidak ada yang mirip “{ $text }” di { $country }, tapi di negara lain ada:
found-anywhere = Ini yang cocok dengan “{ $text }”, dari semua negara:
found-nothing-anywhere = Tidak ada yang mirip “{ $text }”. Coba ejaan lain, atau lihat semua layanan.
inline-message =
    📱 Nomor untuk kode <b>{ $service }</b>, mulai <b>{ $price }</b>.
    Bayarnya hanya kalau kodenya masuk.
choose-operator = Mau operator apa? “Bebas” paling murah dan paling cepat.
choose-operator-balanced = Mau operator apa? “Bebas” menimbang harga dan seberapa sering kode masuk. Urutan servernya juga begitu.
choose-operator-success = Mau operator apa? “Bebas” yang kodenya paling sering masuk. Urutan servernya juga begitu, bukan menurut harga.
choose-server = Di belakang server: sisa nomor, berapa persen nomornya dapat kode minggu ini, dan seberapa cepat.
sold-out = <b>{ $service }</b> sedang habis. Saldo tidak terpotong. Nomor baru masuk terus.
unavailable = Pemasok untuk <b>{ $service }</b> sedang tidak menjawab. Saldo tidak terpotong.
sold-out-near = Tunggu, atau ambil yang masih ada:
queue-promise = Begitu ada dengan harga maksimal <b>{ $limit }</b>, langsung kami belikan dengan harga saat itu.
queue-hold =
    Batas itu disisihkan sekarang: { $available } → { $after }. Kalau lebih murah, selisihnya langsung kembali.
    Tidak ada dalam { $span }, atau kamu batalkan duluan? Semuanya kembali ke saldo.
watches = 🔔 Kamu dikabari begitu salah satu ini bisa dibeli. Ketuk untuk melupakan:
watches-none = 🔔 Tidak ada kabar yang kamu tunggu.
cheaper = Sekarang harganya { $price }. Mau dikabari mulai harga berapa? Dipantau selama satu hari.
available = 🔔 { $name } sudah ada lagi, harganya { $price }. Siapa cepat dia dapat.
available-cheaper = 🔔 { $name } sekarang { $price }. Siapa cepat dia dapat.
available-dearer = 🔔 { $name } sempat cukup murah, tapi sekarang { $price } lagi. Saldo tidak terpotong.
available-gone = 🔔 { $name } sempat ada, tapi sudah habis lagi. Saldo tidak terpotong.
quote-price =
    Harga: <b>{ $price }</b>
    Saldo: { $available } → { $after }
quote-price-promo =
    Harga: <s>{ $was }</s> <b>{ $price }</b>, sampai { $until }
    Saldo: { $available } → { $after }
quote-lifetime = Nomor berlaku { $lifetime }.
quote-cancel-later = Bisa dibatalkan mulai { $wait } setelah beli.
quote-cancel-any-time = Bisa dibatalkan kapan saja sebelum SMS masuk.
quote-promise = Tidak ada SMS, tidak bayar: saldo kembali otomatis.
quote-resumed = Kita lanjutkan? Ini yang tadi mau kamu beli:
quote-missing =
    Harganya { $price }, saldomu { $available }.
    Masih kurang <b>{ $missing }</b>. Saldo tidak terpotong.

## Kartu pesanan

order-number = Pesanan { $id }
card-quoted = Penawaran ini belum disetujui. Saldo tidak terpotong.
card-reserving =
    ⏳ Sedang mencarikan nomor…
    { $price } disisihkan dulu. Kalau nomornya tidak ada, langsung kembali.
card-queued =
    ⏳ Dalam antrean: begitu ada dengan harga maksimal { $price }, langsung kami belikan.
    Sebanyak itu disisihkan. Kalau tidak ada dalam { $span }, semuanya kembali ke saldo.
card-in-doubt =
    ⚠️ Jawaban pemasok tidak sampai, jadi kami cek dulu apakah nomornya terbeli.
    { $price } disisihkan dulu. Paling lambat { $span } lagi nomornya ada, atau saldomu kembali.
card-waiting =
    ⏳ Menunggu SMS · sisa { $left }
    { $price } disisihkan dulu. Bayar hanya kalau SMS masuk.
card-awaits-another =
    ⏳ Menunggu SMS lagi · sisa { $left }
    { $price } sudah dibayar. SMS berikutnya gratis.
card-cancelling =
    ⏳ Sedang dibatalkan: kami tanya pemasok dulu.
    { $price } kembali begitu disetujui, paling lambat { $span } lagi. Kalau SMS keburu masuk, SMS-nya untuk kamu.
card-given-back =
    ⏳ Pemasok meminta lebih dari harga yang kamu setujui, jadi nomornya kami kembalikan.
    { $price } kembali begitu disetujui, paling lambat { $span } lagi.
card-was-given-back = ↩️ Pemasok meminta lebih dari harga yang kamu setujui, jadi nomornya kami kembalikan. { $price } sudah kembali ke saldo.
card-received = 📩 SMS-nya sudah masuk. { $price } sudah dibayar.
card-completed = ✅ Selesai. { $price } sudah dibayar.
card-cancelled = ↩️ Dibatalkan. { $price } sudah kembali ke saldo.
card-expired = ↩️ SMS tidak masuk sampai waktunya habis. { $price } sudah kembali ke saldo.
card-late-sms = SMS-nya telat masuk, jadi ini gratis untuk kamu.
arrived = 📱 <b>Nomormu sudah ada!</b> Pakai sekarang, waktunya berjalan.
card-moved = Kartu ini pindah ke bawah. ⬇️
failed-out-of-stock = ↩️ Yang terakhir baru saja terjual. { $price } sudah kembali ke saldo.
failed-upstream = ↩️ Pemasok sedang tidak bisa dihubungi. { $price } sudah kembali ke saldo.
failed-price-rose = ↩️ Harganya keburu naik, jadi tidak kami beli. { $price } sudah kembali ke saldo.
failed-never-confirmed = ↩️ Pemasok tidak pernah memastikan pembeliannya. { $price } sudah kembali ke saldo.
failed-too-late = ↩️ Pesanan ini tidak sempat diproses. { $price } sudah kembali ke saldo.
failed-queued-in-vain = ↩️ Tidak ada nomor yang masuk tepat waktu. { $price } kembali ke saldo.
failed = ↩️ Yang ini tidak didapat. { $price } sudah kembali ke saldo.
sms-code = 📩 <b>Kode { $service } kamu</b>
sms-no-code = 📩 <b>SMS dari { $service }</b>
orders = <b>Pesanan kamu</b>
orders-none = Belum ada pesanan. Mau beli nomor sekarang?

## Privasi

card-erased = 🧹 Nomor dan kode dihapus { $span } setelah pesanan berakhir. Yang kamu bayar atau terima kembali tetap tercatat di saldo.
command-find = Cari pesanan lewat nomor
label-act-find = 🔎 Nomor dicari
find-usage =
    Nomor yang mana? Contoh:
    <code>/find +62 812 3456 789</code>
    Alamat email juga bisa.
find-nothing = Tidak ada pesanan dengan nomor ini. Setelah beberapa hari nomor dihapus dan tidak bisa dicari lagi.
find-orders = <b>Pesanan dengan nomor ini:</b> { $count }

## Saldo

wallet = 👛 Saldo yang bisa dipakai: <b>{ $available }</b>
wallet-held = Disisihkan untuk pesanan berjalan: { $held }
wallet-movements = <b>Mutasi terakhir</b>
wallet-no-movements = Belum ada mutasi.
wallet-top-up = Untuk isi saldo, hubungi admin dan sebutkan ID kamu.
wallet-top-up-hint = <b>Isi saldo:</b> { $hint }
wallet-id = ID kamu: { $id }
move-top-up = { $amount } · isi saldo · { $ago }
move-hold = { $amount } · disisihkan untuk { $service } · { $ago }
move-capture = { $amount } dibayar untuk { $service } (dari yang disisihkan) · { $ago }
move-release = { $amount } · kembali dari { $service } · { $ago }
move-goodwill = { $amount } · pengembalian { $service } · { $ago }
move-stars-refund = { $amount } · Stars dikembalikan · { $ago }
move-stars-refund-failed = { $amount } · Stars tidak bisa dikembalikan · { $ago }
move-adjust = { $amount } · koreksi · { $ago }
move-memo = <i>{ $memo }</i>
topped-up =
    👛 Saldo bertambah <b>{ $amount }</b>.
    Sekarang bisa dipakai { $available }.
deducted =
    👛 <b>{ $amount }</b> diambil dari dompetmu oleh toko.
    Saldo yang bisa dipakai sekarang { $available }. Kalau menurutmu salah, tulis ke kami dengan /support.
stars-offers =
    ⭐ <b>Isi saldo dengan Telegram Stars</b>

    Mau berapa? Uangnya masuk dompet begitu kamu membayar.
stars-how-many = ⭐ Mau berapa Stars? Tulis angka antara { $least } dan { $most }. Belum ada yang dibayar.
stars-payment = ⭐ { $stars } → { $money } · { $state } · { $ago } · { $charge }
stars-returned =
    ⭐ <b>{ $stars } Stars</b> sudah kembali kepadamu.
    { $amount } keluar dari dompetmu untuk itu.
voucher-which = 🎟 Apa kode di vouchermu? Ketik saja.
transfer-how-much = Mau kirim berapa? Tulis jumlah antara { $least } dan { $most }. Beberapa angka ditambahkan supaya kami tahu itu darimu; angka itu juga masuk saldomu.
transfer-instructions = Kirim tepat { $money }, sampai angka terakhir.
qris-instructions = Pindai ini dengan bank atau e-wallet kamu. Jumlahnya tepat { $money }.
transfer-then =
    Lalu kirim foto buktinya ke sini. Kami periksa, dan uangnya masuk dompetmu.

    Tanpa bukti, ini berakhir dalam { $left }. Belum ada yang masuk dompetmu.
transfer-received = ✅ Terima kasih! Kami cari { $money } darimu dan memberi tahu begitu masuk dompetmu.
transfer-withdrawn = Baik, kita lupakan. Kalau uangnya sudah kamu kirim, tulis ke kami dengan /support.
transfer-was-rejected = ↩️ { $money } darimu tidak kami temukan, jadi tidak ada yang masuk. Kalau sudah kamu kirim, tulis ke kami dengan /support.
transfer-was-late = ⏳ Waktu untuk { $money } sudah lewat, dan tidak ada yang masuk. Kalau sudah kamu kirim, tulis ke kami dengan /support.
pay-support =
    <b>Ada masalah pembayaran?</b>

    Yang kamu bayar dengan Stars masuk dompet dalam hitungan menit, walau ada pesan yang hilang di jalan. Kalau belum masuk, atau kalau kamu mau Stars kembali, tulis <code>/paysupport</code> dan apa yang terjadi, dalam satu pesan. Pesan itu sampai ke pengelola toko ini; Telegram sendiri tidak bisa membantu soal pembelian di sini.
pay-support-payments = <b>Pembayaran terakhirmu</b>
voucher-usage =
    <b>Voucher</b>
    <code>/voucher create &lt;jumlah&gt; &lt;pemakaian&gt; [30d|12h|never] [pemakaian per orang]</code>
    <code>/voucher close &lt;kode&gt;</code>
voucher-draft =
    🎟 Voucher <b>{ $amount }</b>, bisa dipakai { $uses }×, tiap orang paling banyak { $per_user }×?

    Semua pemakaian bersama membawa { $total }.
voucher-lives = Bisa dipakai selama { $span }.
voucher-made =
    🎟 { $code }
    { $amount } untuk tiap { $uses } pemakaian. Sebagai tautan: { $link }

    Siapa yang punya kodenya punya uangnya: kirim hanya kepada yang dituju.
voucher-closed = ✅ { $code } ditutup. Yang sudah masuk tetap di tempatnya.
vouchers = <b>Voucher yang masih bisa dipakai</b>
vouchers-none = Tidak ada voucher yang bisa dipakai.
voucher-line = 🎟 { $code } · { $amount } · terpakai { $used } dari { $uses }
label-way-transfer = transfer
label-way-qris = QRIS
button-approve = ✅ { $money } masuk
button-other-amount = Jumlah lain
button-reject = ✖️ Tidak masuk
transfer-facts =
    💰 <b>{ $name }</b> (ID { $id }) bilang sudah mengirim { $money } ({ $way }).
transfer-approved = ✅ { $who }: { $money } masuk dan dibukukan.
transfer-rejected = ✖️ { $who }: tidak ada yang masuk.
transfer-expired = ⏳ Tidak ada yang memutuskan tepat waktu. Tidak ada yang dibukukan.
transfer-taken-back = ↩️ Penggunanya membatalkan. Tidak ada yang dibukukan.
transfer-which-amount = Berapa yang masuk? Tulis saja. Kamu bisa melihatnya sekali lagi sebelum dibukukan.
transfer-other = Bukukan { $money } saja?

## Trust

command-terms = Ketentuan pemakaian
command-privacy = Yang kami simpan tentangmu
command-freeze = Hentikan penjualan: pengguna, layanan, semua
command-limits = Batas seorang pengguna
button-terms = 📜 Ketentuan
button-privacy = 🔒 Privasi
button-terms-accept = ✅ Saya setuju
toast-terms-accepted = Terima kasih!
terms-title = 📜 <b>Ketentuan pemakaian</b>
terms-sold = <b>Yang kamu dapat.</b> Nomor telepon dan kotak surat yang menerima pesan untukmu: untuk satu kode, atau disewa untuk waktu tertentu. Kamu membayar hanya kalau kode, nomor sewa, atau suratnya ada; kalau tidak, uangnya kembali ke dompetmu.
terms-yours = <b>Untuk apa.</b> Akunmu sendiri, atas namamu atau usahamu, sesuai hukum dan aturan layanan tempat kamu mendaftar. Kamu sudah dewasa, atau mendapat izin orang tua.
terms-never = <b>Bukan untuk apa.</b> Penipuan, spam, gangguan, ulasan palsu, berpura-pura jadi orang lain, mengakali pemblokiran, atau membuka akun agar orang lain melakukannya. Bank, dompet digital, pembayaran, pinjaman, bursa kripto, kantor pemerintah, layanan identitas dan kesehatan tidak dijual di sini, dengan nama lain pun tidak.
terms-misuse = <b>Kalau dilanggar.</b> Pesan dari layanan yang tidak dijual ditahan dan pesanannya dikembalikan. Ada batas untuk tiap pengguna. Yang menyalahgunakan toko ini tidak bisa membeli lagi; isi dompetnya tetap miliknya.
terms-numbers = <b>Nomor itu sementara.</b> Setelahmu, orang lain bisa memakainya. Jangan jadikan satu-satunya jalan kembali ke akun yang penting. Apakah sebuah layanan menerima nomor, layanan itu yang menentukan.
terms-money = <b>Uang.</b> Saldo yang kamu isi untuk belanja di sini. Stars bisa dikembalikan selama belum dipakai: /paysupport. Kalau ada yang salah, tulis kepada kami.
terms-rest = <b>Perubahan.</b> Kalau ketentuan ini berubah, kamu ditanya lagi sebelum pembelian berikutnya. Pesanan yang berjalan tetap seperti yang dijanjikan.
terms-question = Kamu setuju?
terms-before-buying = Kamu setuju? Ini ditanyakan sekali, sebelum pembelian pertama. Saldo tidak terpotong karena ini: penawaranmu kembali setelahnya.
terms-accepted = ✅ Kamu sudah menyetujui ketentuan ini.
terms-thanks = ✅ Terima kasih. Sekarang kamu bisa membeli.
privacy-title = 🔒 <b>Yang kami simpan tentangmu</b>
privacy-kept = <b>Apa.</b> Nomor Telegram, nama depan, nama pengguna dan bahasamu; pesananmu dengan nomor, alamat surat dan pesan yang masuk; mutasi dompetmu; bukti yang kamu kirim; favorit dan yang kamu tunggu; yang kamu tulis ke bantuan; ketentuan mana yang kamu setujui dan kapan.
privacy-why = <b>Untuk apa.</b> Mengantar yang kamu beli, menunjukkannya lagi, menjaga uang tetap benar, membantumu, dan mencegah penyalahgunaan. Tanpa iklan, tanpa profil, tidak ada yang dijual.
privacy-long = <b>Berapa lama.</b> Yang kamu ketik dilupakan begitu dijawab; pemberitahuan yang sudah sampai dan tombol lama setelah dua hari. Nomor dan pesan dihapus beberapa hari setelah pesanan berakhir, sisanya saat kamu menghapus akunmu. Jumlah, status dan waktu pesanan dan pembayaran disimpan seterusnya hanya dengan nomormu: pembukuan membutuhkannya.
privacy-who = <b>Siapa yang melihat.</b> Pengelola toko ini. Pemasok hanya tahu layanan dan negara yang dibeli, tidak pernah siapa kamu. Pesan lewat Telegram.
privacy-rights = <b>Kamu yang menentukan.</b> /mydata mengirim semuanya sebagai berkas, /deleteme menghapusnya, /support sampai kepada kami.
refused-terms-first = Setujui dulu ketentuan kami: /terms. Saldo tidak terpotong.
refused-limit-new = Akun baru bisa membeli { $most } kali sehari. Kamu bisa beli lagi dalam { $wait }. Saldo tidak terpotong.
refused-limit-open = Ada { $most } pesananmu yang berjalan, dan itu batasnya. Tunggu satu selesai, atau batalkan satu di /orders. Saldo tidak terpotong.
refused-limit-spend = Batas belanjamu { $most } sehari, dan ini melewatinya. Bisa lagi dalam { $wait }. Saldo tidak terpotong.
refused-limit-price = Batas belanjamu { $most } sehari, dan ini saja sudah lebih. Saldo tidak terpotong.
refused-limit-share = Hari ini kebanyakan nomormu kamu batalkan, dan pemasok menghukum kami untuk itu. Kamu bisa beli lagi sekitar { $wait } lagi. Saldo tidak terpotong.
refused-limit-top-ups = Kamu bisa isi saldo { $most } kali sehari. Bisa lagi dalam { $wait }. Belum ada yang dibayar.
refused-no-top-ups = Saat ini kamu tidak bisa isi saldo. Belum ada yang dibayar.
refused-frozen-user = Akunmu sedang tidak bisa membeli. Uangmu aman, dan pesanan yang berjalan tetap berjalan. Saldo tidak terpotong.
refused-frozen-service = { $service } sedang tidak dijual. Saldo tidak terpotong.
refused-frozen-all = Penjualan kami hentikan sebentar. Uangmu aman, dan pesanan yang berjalan tetap berjalan. Saldo tidak terpotong.
freeze-reason = Alasan: { $reason }
freeze-told = ❄️ <b>Akunmu sedang tidak bisa membeli.</b> Pesanan yang berjalan tetap berjalan, dan uangmu aman. Kalau menurutmu salah, tulis ke kami dengan /support.
freeze-lifted-told = ✅ Akunmu bisa membeli lagi.
freeze-none = Tidak ada yang dibekukan.
freeze-list = ❄️ <b>Dibekukan</b>: tidak ada pembelian baru, yang berjalan tetap berjalan.
freeze-row = <b>{ $what }</b> · { $since }
freeze-usage =
    <code>/freeze user ID alasan</code>
    <code>/freeze service nama alasan</code>
    <code>/freeze provider nama alasan</code>
    <code>/freeze all alasan</code>
    <code>/unfreeze</code> dengan cara yang sama
label-act-freeze = ❄️ Pembekuan
label-act-limit = 📏 Batas pengguna
label-freeze-all = 🛑 Semuanya
button-lift = ☀️ Cairkan: { $what }
toast-frozen = Dibekukan. Orangnya diberi tahu.
toast-lifted = Dicairkan.
toast-limit-set = Disimpan.
limits-of =
    👤 <b>{ $name }</b> · { $id }
    Pertama terlihat { $since }
limits-frozen = ❄️ <b>Dibekukan</b>
limits-row = { $name }: { $used } dari { $most }
limits-usage =
    <code>/limits ID</code> menunjukkan batas seorang pengguna, dengan tombol.
    <code>/limits ID batas 20</code> mengaturnya; <code>none</code> dan <code>usual</code> juga bisa.
limit-which =
    👤 <b>{ $name }</b>
    { $limit }: { $most }

    Angka lain: <code>/limits { $id } { $word } 20</code>
label-limit-new = Pesanan sehari (akun baru)
label-limit-open = Pesanan sekaligus
label-limit-spend = Belanja sehari
label-limit-cancels = Dibatalkan dalam 30 menit
label-limit-share = Dibatalkan dari pesanan sehari
label-limit-top-ups = Isi saldo sehari
label-limit-none = tanpa batas
button-limit-none = Tanpa batas
button-limit-usual = Seperti semua
button-freeze-user = ❄️ Bekukan pengguna ini
button-unfreeze-user = ☀️ Cairkan
step-withheld = pesan ditahan
card-withheld = 🛑 Pesan yang masuk untuk layanan yang nomornya tidak kami jual, jadi ditahan. { $price } kembali ke dompetmu.
withheld-told = 🛑 <b>Sebuah pesan ditahan</b> (pesanan { $order }, { $title }). Isinya menyebut bank, dompet digital atau layanan lain yang nomornya tidak kami jual, jadi tidak ditunjukkan kepada siapa pun.
withheld-refunded = { $price } kembali ke dompetmu. Nomor ini tidak menerima apa-apa lagi.
withheld-rental = Sewamu tetap berjalan, dan pesan lain tetap masuk. Tidak ada yang dipotong atau dikembalikan untuk ini.
withheld-further = Kode yang kamu bayar { $price } sudah kamu terima; tidak ada yang berpindah untuk pesan ini.
withheld-late = Uangmu sudah kembali sebelumnya; sekarang tidak ada yang berpindah.
withheld-flag =
    🛑 <b>{ $name }</b> · { $id }
    Sebuah pesan ke pesanan { $order } ({ $ordered }) menyebut <b>{ $named }</b>. Pesan itu ditahan.
button-user-card = 👤 Kartu pengguna
button-limits = 📏 Batas dan pembekuan
command-support = Tulis kepada kami
button-support-more = ✍️ Tulis kepada kami
button-support-answer = ✍️ Jawab
support-ask = ✍️ Soal apa? Tulis dalam satu pesan, atau kirim gambar. Pesan itu sampai ke pengelola toko ini, dan mereka menjawab di sini.
support-sent = ✅ Pesanmu sudah sampai ke pengelola toko ini, beserta ID-mu. Mereka menjawab di sini.
support-paper = ✉️ <b>{ $name }</b> · { $id } menulis:
support-how = Balas pesan ini, atau ketuk Jawab.
support-answered = ✅ Dijawab oleh { $who }
support-ask-answer = ✍️ Apa jawaban untuk { $name }? Teks atau gambar.
support-answer-sent = ✅ Jawabanmu sedang dikirim.
support-answer-added = ✅ Sudah dijawab sebelumnya; jawabanmu juga dikirim.
support-answer = 💬 <b>Jawaban pengelola:</b>
command-mydata = Berkas berisi semua tentangmu
command-deleteme = Hapus akunku
refused-not-yet = Kamu baru saja memintanya. Bisa lagi dalam { $wait }.
mydata-ready = 📦 Semua yang toko ini simpan tentangmu. Jangan dibagikan: isinya nomor dan pesanmu.
erase-title = 🗑 <b>Hapus akunmu?</b>
erase-gone = <b>Dihapus selamanya:</b> nama, nama pengguna dan bahasamu; nomor, alamat surat dan pesan semua pesanan; label, favorit dan yang kamu tunggu; yang kamu tulis ke bantuan; bukti transfer.
erase-stays = <b>Tetap ada hanya dengan nomormu:</b> jumlah, status dan waktu pesanan dan pembayaran, karena pembukuan membutuhkannya; juga batas yang ditetapkan untukmu. Isi obrolan ini kamu hapus sendiri di Telegram. Kalau kembali, kamu mulai dari awal, tapi bukan sebagai pelanggan baru.
erase-orders-run = Belum bisa: ada pesananmu yang berjalan, dan uangnya dipertaruhkan. Tunggu sampai selesai, atau batalkan.
erase-expects-money = Belum bisa: kami masih mencari uang yang kamu kirim. Tunggu jawaban kami, atau tarik permintaannya di dompetmu.
erase-money = Di dompetmu masih ada <b>{ $money }</b>. Belanjakan, minta kami membayarkannya, atau relakan.
erase-sure = Benar-benar hapus akunmu? Ini tidak bisa dibatalkan, oleh kami pun tidak.
erase-sure-money = Benar-benar hapus akunmu dan merelakan { $money }? Ini tidak bisa dibatalkan, oleh kami pun tidak.
erase-done = 🗑 Akunmu sudah dihapus. Sampai jumpa, semoga baik selalu. Kalau mau kembali: /start
button-erase = 🗑 Hapus akunku
button-erase-spend = 📱 Belanjakan
button-erase-pay-out = ✍️ Minta dibayarkan
button-erase-give-up = 🗑 Relakan { $money } dan hapus
button-erase-now = 🗑 Ya, hapus semuanya
button-erase-now-money = 🗑 Ya, relakan { $money }, hapus semua
button-erase-not = ‹ Tidak, simpan

## Undangan

command-invite = Undang teman
button-invite = 🎁 Undang teman
button-invite-copy = 📋 Salin tautan saya
invite-title = 🎁 <b>Undang teman</b>
invite-purchases = Siapa pun yang pertama kali datang lewat tautanmu memberimu <b>{ $percent }%</b> dari tiap { $first } pembelian pertamanya. Jadi milikmu begitu kodenya masuk.
invite-topups = Siapa pun yang pertama kali datang lewat tautanmu memberimu <b>{ $percent }%</b> dari tiap { $first } isi saldo pertamanya; voucher tidak dihitung.
invite-cap = Paling banyak { $cap } untuk tiap teman.
invite-so-far = Sudah datang: <b>{ $came }</b> · diperoleh: <b>{ $earned }</b>
invite-off = Mengundang teman saat ini tidak memberi apa-apa di sini. Saldomu tetap sama.
move-referral = { $amount } · 🎁 dari teman yang kamu undang · { $ago }
move-referral-back = { $amount } · 🎁 ditarik kembali: uang temanmu dikembalikan · { $ago }
label-kind-referral = Bagian undangan

## Penolakan

refused-not-sold = Ini sudah tidak dijual. Saldo tidak terpotong.
refused-cool-down = Kamu membatalkan banyak nomor dalam waktu singkat, dan pemasok menghukum kami untuk itu. Kamu bisa beli lagi dalam { $wait }. Saldo tidak terpotong.
refused-too-many-waiting = Kamu sudah menunggu 5 hal. Saldo tidak terpotong. Batalkan satu di /orders, atau tunggu sampai ada.
refused-sold-out = Stoknya sedang habis. Saldo tidak terpotong.
refused-recovering = Kami sedang memeriksa pembukuan, jadi penjualan berhenti sebentar. Saldo tidak terpotong. Pesanan yang terbuka tetap berjalan dan uangmu aman. Coba lagi nanti, ya.
refused-closed = ⏸ Toko sedang dirapikan, jadi sekarang belum bisa membeli. Saldo tidak terpotong dan aman; pesanan yang terbuka tetap berjalan.
refused-unavailable = Pemasok untuk ini sedang tidak menjawab. Saldo tidak terpotong. Coba lagi beberapa menit lagi, ya.
refused-quote-expired = Penawaran ini sudah lewat. Saldo tidak terpotong. Pilih lagi untuk lihat harga hari ini ya.
refused-price-changed = Harganya baru saja berubah. Saldo tidak terpotong. Pilih lagi untuk lihat harga barunya ya.
refused-no-such-order = Pesanan ini tidak ditemukan. Saldo tidak berubah.
refused-wrong-state = Untuk pesanan ini sudah tidak bisa. Saldo tidak berubah; lihat kartunya untuk status terbaru.
refused-cancel-too-early = Bisa dibatalkan dalam { $wait }. Sampai saat itu saldo tetap disisihkan.
refused-no-resend = Nomor ini tidak bisa terima SMS lagi. Saldo tidak berubah.
refused-unknown-user = Pengguna ini belum pernah menyapa bot. Tidak ada yang dibukukan. Minta dia kirim /start dulu.
refused-ambiguous-user = Nama ini pernah dipakai beberapa pengguna. Tidak ada yang dibukukan. Pakai ID dari halaman saldonya ya.
refused-not-a-number = “{ $text }” bukan nominal. Tidak ada yang dibukukan. Tulis angka saja, misalnya <code>50000</code>.
refused-not-positive = Nominalnya harus lebih dari nol. Tidak ada yang dibukukan.
refused-not-whole = Nominalnya harus bulat, tanpa koma. Tidak ada yang dibukukan. Misalnya <code>50000</code>.
refused-too-precise = Angka di belakang koma terlalu banyak (paling banyak { $decimals }). Tidak ada yang dibukukan.
refused-too-large = Nominalnya terlalu besar. Tidak ada yang dibukukan.
refused-under-cost = Itu jual rugi. Harga tidak diubah.
refused-no-step = Pembulatan harus lebih dari nol. Harga tidak diubah.
refused-markup-too-large = Markup-nya terlalu besar. Harga tidak diubah.
refused-balance-too-large = Saldonya akan terlalu besar. Tidak ada yang dibukukan.
refused-top-up-off = Cara isi saldo ini sedang tidak tersedia. Tidak ada uang yang berpindah.
refused-no-such-payment = Tidak ada pembayaran dengan nomor ini, dan tidak ada orang dengan nama ini. Tidak ada yang dikembalikan.
refused-not-refundable = Pembayaran ini sudah atau sedang dikembalikan. Tidak ada lagi yang berpindah.
refused-spent = Dompetnya tinggal { $available }, padahal pembayaran ini membawa { $amount }. Tidak ada yang dikembalikan.
refused-called-already = Pesanmu sudah ada di pengelola toko ini. Kamu bisa menulis lagi dalam { $wait }.
refused-nobody-there = Saat ini tidak ada pengelola toko, jadi pesanmu tidak sampai ke siapa pun. Tidak ada uang yang berpindah.
refused-not-that-much = Di dompet ini hanya ada { $available }. Tidak ada yang diambil.
refused-cap = Ini akan melewati batas harianmu, { $most }. Tidak ada yang dibukukan.
refused-no-such-request = Permintaan ini sudah berakhir. Tidak ada uang yang berpindah sekarang.
refused-too-many-requests = Terlalu banyak orang sedang mengirim kira-kira jumlah ini. Belum ada yang dibuka. Pilih jumlah lain, atau coba lagi nanti.
refused-booked-meanwhile = Admin lain baru saja membukukan nominal yang sama untuk pengguna ini. Tidak ada yang dibukukan lagi.
refused-voucher = Voucher perlu jumlah uang dan banyaknya pemakaian; masa berlakunya seperti 30d, 12h atau never. Belum ada voucher yang dibuat.
refused-no-such-voucher = Tidak ada voucher dengan kode ini. Tidak ada yang dibukukan. Periksa lagi tiap hurufnya.
refused-voucher-used-up = Voucher ini sudah habis, atau masa berlakunya lewat. Tidak ada yang dibukukan.
refused-voucher-used-by-you = Kamu sudah memakai voucher ini. Tidak dibukukan dua kali.
refused-guessing = Terlalu banyak kode yang salah. Coba lagi dalam { $wait }. Tidak ada yang dibukukan.
refused-key-reused = Tombol ini sudah dipakai untuk hal lain. Saldo tidak berubah.
refused-cannot-write = Saat ini kami tidak bisa menyimpan apa pun. Tidak ada yang terjadi dan uangmu tetap. Pesanan dan kodemu aman. Coba lagi sebentar lagi.

## Admin

button-admin-book = ✅ Bukukan { $amount }
button-admin-book-again = ⚠️ Bukukan { $amount } sekali lagi
button-admin-deduct = ✅ Ambil { $amount }
button-admin-discard = ✖️ Buang
topup-usage =
    <b>Isi saldo pengguna</b>
    <code>/topup &lt;ID atau @nama&gt; &lt;nominal&gt; [catatan]</code>

    Misalnya: <code>/topup 123456789 50000 transfer bank</code>
topup-draft =
    Isi saldo <b>{ $name }</b> (ID { $id }) sebesar <b>{ $amount }</b>?

    Saldo: { $before } → { $after }
topup-same =
    ⚠️ Admin { $by } sudah membukukan nominal yang sama untuk pengguna ini { $ago }. Bukukan sekali lagi hanya jika ini pembayaran kedua.
topup-booked =
    ✅ Dibukukan: { $amount } untuk <b>{ $name }</b> (ID { $id }).
    Saldo sekarang: { $available }
deduct-usage =
    <b>Ambil uang dari dompet</b>
    <code>/deduct &lt;ID pengguna atau @nama&gt; &lt;jumlah&gt; &lt;alasan&gt;</code>

    Penggunanya membaca alasannya. Belum ada yang diambil.
deduct-draft =
    Ambil <b>{ $amount }</b> dari dompet <b>{ $name }</b> (ID { $id })?

    Saldo: { $before } → { $after }
deduct-booked =
    ✅ Diambil: { $amount } dari <b>{ $name }</b> (ID { $id }).
    Saldo sekarang: { $available }
button-refund = ✅ Kembalikan { $stars } Stars
refund-usage =
    <b>Kembalikan Stars</b>
    <code>/refund &lt;nomor pembayaran&gt;</code>, atau <code>/refund &lt;ID pengguna atau @nama&gt;</code> untuk melihat pembayarannya
refund-payments = Pembayaran Stars dari <b>{ $name }</b>:
refund-facts = { $stars } Stars ({ $amount }) dari <b>{ $name }</b> (ID { $id }), { $charge }
refund-draft =
    Kembalikan { $facts }?

    Dompetnya: { $before } → { $after }
refund-begun = ⏳ { $amount } keluar dari dompet <b>{ $name }</b>, dan Telegram diminta mengembalikan { $stars } Stars. Kamu akan diberi tahu hasilnya.
refund-returned = ✅ Dikembalikan: { $facts }
refund-refused = ⚠️ Telegram menolak mengembalikan { $facts }. Uangnya sudah kembali ke dompet.
refund-by-telegram = ⚠️ Telegram sendiri mengembalikan { $facts }. Uangnya keluar dari dompet.
refund-owed = ⚠️ Telegram sendiri mengembalikan { $facts }, tapi isi dompet sudah tidak cukup. Uangnya diambil begitu cukup.
admin-discarded = Dibuang. Tidak ada yang berubah.
providers-board = <b>Pemasok</b>
providers-on = 🟢 <b>{ $provider }</b> · prioritas { $priority }
providers-off = ⏸ <b>{ $provider }</b> · dimatikan; pesanan terbuka tetap jalan
providers-resting = 🔴 <b>{ $provider }</b> · tidak menjawab; dicoba lagi dalam { $wait }
providers-balance = Saldo: { $balance } ({ $ago })
providers-tells-no-balance = Saldo: pemasok ini tidak memberitahukannya.
providers-no-balance = Saldo: belum dibaca
providers-warns = Kamu diberi tahu di bawah { $low }.
providers-held-back = ⚠️ { $offers } penawaran ditahan: saldo tidak cukup.
providers-cancels = Dibatalkan dalam 24 jam: { $cancelled } dari { $bought } ({ $percent }%).
providers-last-resort = ⚠️ Lebih dari { $limit }%: yang lain berjualan dulu sampai turun.
providers-read = Daftar harga dibaca { $ago }.
providers-stale = ⚠️ { $countries } negara tidak dijual: terlalu lama tidak terbaca.
providers-never-read = Daftar harga belum dibaca.
providers-calls = { $calls } panggilan terakhir: { $troubles } gagal; separuhnya sampai { $median } ms, sembilan dari sepuluh sampai { $slow } ms.
providers-no-calls = Belum pernah ditanya.
providers-usage =
    Ubah: <code>/providers set &lt;nama&gt; [on|off] [priority=…] [low=…]</code>
    Kalau harganya sama, prioritas lebih tinggi yang menjual. Di bawah <code>low</code> kamu diberi tahu.
providers-unreadable = “{ $word }” tidak terbaca. Tidak ada yang diubah.
providers-unknown = Tidak ada pemasok bernama “{ $provider }”. Tidak ada yang diubah.
many-cancelled =
    ⚠️ { $percent }% nomor dari { $provider } dibatalkan dalam sehari; batasmu { $limit }%. Pemasok bisa memblokir akun karena itu, jadi yang lain berjualan dulu sampai turun.

    Apakah kode dari { $provider } masuk? Kalau tidak, matikan lewat /providers. Kalau masuk, mungkin nomornya terlalu lambat, atau terlalu murah sehingga dibeli coba-coba: cek harganya di /prices.
low-balance = ⚠️ Saldo kita di { $provider } hampir habis: { $balance }. Penawaran yang tidak tertutup saldo ditahan. Tolong isi ulang.
low-balance-lasts = Dengan laju ini cukup untuk sekitar { $hours } jam.
recovery-older = ⚠️ <b>Salinan basis data yang lebih lama dipulihkan.</b> Apa yang terjadi setelah salinan itu dibuat tidak tercatat di dalamnya.
recovery-moved = ⚠️ <b>Basis data dipindahkan, atau sebuah salinan dipulihkan.</b> Catatan tentang kemajuannya tidak ada di sampingnya.
recovery-upstream = ⚠️ <b>Ada pemasok yang mencatat nomor terbuka yang lebih baru dari semua yang dikenal di sini.</b> Mungkin cadangan dipulihkan bersama catatan di sampingnya, atau seseorang membeli langsung dengan kunci yang sama. Jika itu kamu sendiri, cukup kirim <code>/recovery done</code>.
recovery-what-to-do =
    Tidak ada yang dijual sampai kamu mengizinkan; pesanan yang terbuka tetap berjalan. Bandingkan daftar pesanan di para pemasok dengan milik kita, catat lagi isi saldo yang hilang dengan /topup, lalu kirim <code>/recovery done</code>.
recovery-open = Pesanan terbuka di sini: { $count }
recovery-done = ✅ Pemulihan selesai: nomor dijual lagi.
recovery-none = Semuanya baik: tidak ada cadangan yang dipulihkan.
possible-orphan =
    ⚠️ Pesanan { $order } dikembalikan tanpa bukti. Di { $provider } mungkin masih ada nomor yang kita bayar { $cost }. Tolong cek akun di sana dan batalkan yang tersisa.

## Harga (untuk admin)

button-admin-apply = ✅ Terapkan
button-admin-apply-loss = ⚠️ Terapkan meski rugi
button-prices = 🏷 Harga
button-prices-leave = ✖️ Biarkan
button-prices-undo = ↩️ Batalkan
button-prices-undo-one = ↩️ Batalkan #{ $id }
button-prices-everywhere = 🌍 Semua
button-prices-by-provider = Per pemasok
button-prices-by-country = Per negara
button-prices-by-service = Per layanan
button-prices-rules = Aturan ({ $count })
button-prices-promotions = Promo ({ $count })
button-prices-history = 🕘 Riwayat
button-prices-promote = 🏷 Promo
button-prices-end-promotion = ⏹ Akhiri promo
button-prices-remove = 🗑 Hapus aturan
button-prices-other = ⌨️ Lainnya…
button-prices-from-now = Mulai sekarang
button-prices-from-day = Mulai { $days } hari lagi
button-prices-for-days = Selama { $days } hari
button-rates = 💱 Kurs
button-rate = { $currency }
button-rate-settings = ↩️ Kembali ke pengaturan
label-prices-everything = Semua
label-prices-mailboxes = ✉️ Kotak surat
label-prices-settings = pengaturan
label-prices-none = tanpa harga
label-prices-percent = Persen
label-prices-fixed = Tetap
label-prices-step = Kelipatan
label-prices-minimum = Minimum
prices-board =
    <b>Harga</b>
    Rute yang dijual: <b>{ $routes }</b>
prices-default = Di mana pun: { $markup }
prices-default-settings = Di mana pun: { $markup } (dari pengaturan)
prices-unpriced = ⚠️ { $count } rute tidak punya harga dan tidak dijual: ada kurs yang kosong. Lihat /rates.
prices-old-rate = ⚠️ Kurs { $currency } diatur { $ago }. Periksa di /rates.
prices-markup = { $percent }% + { $fixed }, kelipatan { $step }
prices-markup-least = { $markup }, paling sedikit { $minimum } di atas modal
prices-rate-worth = 1 = { $rate }
prices-nothing-set = kosong
prices-promo-running = 🏷 { $off } sampai { $until }
prices-promo-coming = 🏷 { $off } dari { $from } sampai { $until }
prices-range = { $routes } rute, { $low } sampai { $high }
prices-none-here = Sekarang tidak ada yang dijual di sini.
prices-rule-here = <b>Aturan di sini:</b> { $markup }
prices-rule-over = <b>Tidak ada aturan di sini.</b> { $markup }, dari: { $from }
prices-route-price = <b>{ $price }</b>
prices-route-promo = <b>{ $price }</b> <s>{ $was }</s> sampai { $until }
prices-route-margin = Untung: <b>{ $margin }</b> ({ $percent }%)
prices-route-margin-free = Untung: <b>{ $margin }</b>
prices-route-cost = Modal: { $cost } ≈ { $wallet }
prices-route-markup = Tambahan: { $markup }, dari: { $from }
prices-route-stock = Stok: { $stock }
prices-list = Pilih, atau ketik nama.
prices-found = Ditemukan untuk “{ $text }”:
prices-found-nothing = Tidak ada “{ $text }” yang dijual di sini.
prices-ask-percent = Berapa persen di atas modal?
prices-ask-fixed = Tambah berapa, setelah persen?
prices-ask-step = Harga dibulatkan ke atas ke kelipatan berapa?
prices-ask-minimum = Satu penjualan harus untung paling sedikit berapa?
prices-ask-off = Potong berapa? Promo tidak pernah di bawah modal dan untung minimum.
prices-ask-until = Berapa lama?
prices-type-it = Ketik saja, atau kembali.
prices-type-off = Potong berapa? <code>12.5%</code>, atau jumlah uang.
prices-type-until =
    Sampai kapan? <code>2026-12-01</code> berarti sampai akhir hari itu, UTC; <code>2026-12-01T18:00</code> tepat jam itu.
    Dua tanggal berarti dari dan sampai.
prices-rules = <b>Aturan</b>
prices-no-rules = Tidak ada. Semua mengikuti pengaturan.
prices-rule = <b>{ $scope }</b>: { $markup } · { $ago }
prices-promotions = <b>Promo</b>
prices-no-promotions = Tidak ada yang berjalan, dan tidak ada yang menyusul.
prices-history = <b>Riwayat harga</b>
prices-no-history = Belum ada yang diubah.
prices-change =
    #{ $id } <b>{ $what }</b>
    { $who } · { $ago }
    { $old } → { $new }
prices-undid = ↩️ membatalkan #{ $id }
prices-usage =
    <code>/prices set [all|provider=… country=… service=…] percent=… fixed=… step=… min=…</code>
    <code>/prices remove [sama]</code>
    <code>/prices promo [sama] percent=10 until=2026-12-01</code>, dengan <code>off=500</code> untuk jumlah uang dan <code>from=…</code> untuk nanti; <code>/prices promo [sama] end</code>
prices-unreadable = “{ $word }” tidak terbaca. Harga tidak diubah.
prices-nothing-given = Ada yang kurang: percent, fixed, step, atau min; untuk promo percent atau off, dan until. Harga tidak diubah.
prices-unknown = Pemasok, negara, atau layanan itu tidak dikenal. Harga tidak diubah.
prices-again = ⚠️ <b>Ada yang berubah sejak kamu melihatnya.</b> Belum ada yang diterapkan. Sekarang begini:
prices-draft = Ubah <b>{ $what }</b>?
prices-undoes = ↩️ Ini membatalkan perubahan #{ $id }.
prices-now = Sekarang: { $setting }
prices-then = Nanti: { $setting }
prices-effect = <b>{ $changed }</b> dari { $routes } harga berubah: ↑ { $rise }, ↓ { $fall }
prices-losses = ⚠️ <b>{ $count } akan dijual rugi</b>, menurut modalnya sekarang:
prices-loss = • { $route }: modal { $cost }, dijual <b>{ $price }</b>
prices-gone = 🚫 <b>{ $count }</b> tidak akan punya harga, jadi tidak dijual:
prices-come = 🆕 <b>{ $count }</b> akan punya harga, jadi dijual:
prices-stopped = 🛑 <b>{ $count }</b> berhenti di modal dan untung minimum:
prices-most = Yang paling berubah:
prices-move = • { $route }: { $old } → <b>{ $new }</b>
prices-stays = • { $route }: <b>{ $price }</b>
prices-and-more = … dan { $count } lagi
prices-set = ✅ Berlaku untuk <b>{ $what }</b>: { $setting }
rates-board = <b>Kurs</b>
rates-none = Semua pemasok memakai { $currency }. Kurs tidak diperlukan.
rates-rate = 1 { $currency } = <b>{ $rate }</b>
rates-by-settings = Dari pengaturan (RATE_{ $currency }), { $ago }
rates-by-admin = Diatur { $who }, { $ago }
rates-settings-say = RATE_{ $currency } di pengaturan berisi { $rate }; yang diatur admin yang berlaku.
rates-routes = Rute yang memakainya: { $routes }
rates-old = ⚠️ Sudah lama. Masih benar?
rates-missing = ⚠️ <b>{ $currency }</b> tidak punya kurs: { $routes } rute tidak dijual.
rates-choose = Sekarang nilainya berapa?
rates-type = 1 { $currency } berapa { $own }? Angka saja, dengan titik sebelum desimal.
rates-usage = <code>/rates set USD 16500</code>, atau <code>/rates reset USD</code> untuk kembali ke pengaturan
rates-unreadable = “{ $word }” tidak terbaca. Kurs tidak diubah.
old-rates = ⚠️ <b>Harga dihitung dengan kurs lama.</b> Kalau mata uangnya naik, kamu menjual terlalu murah:
old-rates-one = 1 { $currency } = { $rate }, { $ago }
refused-no-rule = Tidak ada aturan persis untuk ini. Harga tidak diubah.
refused-no-promotion = Tidak ada promo persis untuk ini. Harga tidak diubah.
refused-nothing-off = Itu tidak memotong apa-apa. Harga tidak diubah.
refused-everything-off = Itu memotong semuanya. Harga tidak diubah.
refused-promotion-over = Promo harus berakhir setelah mulai, dan di masa depan. Harga tidak diubah.
refused-promotion-long = Promo paling lama setahun, dan mulai dalam setahun. Harga tidak diubah.
refused-unknown-currency = Tidak ada pemasok yang memakai { $currency }. Kurs tidak diubah.
refused-no-rate = Kurs harus lebih dari nol. Kurs tidak diubah.
refused-rate-not-set = Kurs ini tidak diatur admin: asalnya dari pengaturan. Tidak ada yang diubah.
refused-no-change = Tidak ada perubahan itu. Harga tidak diubah.
refused-changed-since = Hal yang sama sudah diubah lagi, jadi ini tidak bisa dibatalkan sendiri. Batalkan perubahan terakhir dulu. Harga tidak diubah.
refused-as-it-is = Sudah begitu. Tidak ada yang diubah.

## Layanan, pengumuman, pemeliharaan (untuk admin)

button-service-hide = 🙈 Sembunyikan
button-service-show = 👁 Tampilkan
button-service-pin = 📌 Taruh di atas
button-service-unpin = 📌 Lepas
button-service-rename = ✏️ Ganti nama
button-service-own-name = ↩️ Nama aslinya
button-announce = 📣 Pasang di menu
button-announce-off = ✖️ Turunkan
button-maintenance-on = ⏸ Tutup toko
button-maintenance-off = ▶️ Buka toko
services-none = <b>Layanan</b>: tidak ada yang disembunyikan, ditaruh di atas, atau diganti namanya.
services-decided = <b>Layanan</b> yang disembunyikan 🙈, ditaruh di atas 📌, atau diganti namanya:
services-found = <b>Layanan</b> seperti “{ $text }”:
services-not-found = Tidak ada layanan bernama “{ $text }”.
services-type = Ketik nama untuk mencari yang lain.
service-own-name = Nama aslinya: { $name }
service-routes = Rute yang dijual: { $routes }
service-denied = 🚫 Kebijakan toko melarangnya dijual, apa pun pilihanmu di sini.
service-hidden = 🙈 Disembunyikan: tidak tampil dan tidak dijual, begitu juga email untuknya. Pesanan terbuka tetap berjalan.
service-hidden-with = 🙈 Disembunyikan, karena layanannya disembunyikan.
service-pinned = 📌 Di atas sejak { $ago }
service-ask-name = <b>{ $name }</b> mau dinamai apa? Paling panjang 40 huruf. Nama aslinya tetap bisa dicari.
announce-none =
    Tidak ada pengumuman. <code>/announce &lt;teks&gt;</code> memasang teks di menu utama, setelah kamu lihat dulu.
announce-now = <b>Di menu utama:</b>
announce-draft = Pasang ini di menu utama, untuk semua orang?
announce-cut = ⚠️ Teksnya lebih dari 500 huruf, jadi ujungnya dipotong.
maintenance-off = ▶️ <b>Toko buka.</b>
maintenance-on =
    ⏸ <b>Toko tutup.</b>
    Tidak ada yang bisa dibeli, disewa, atau diperpanjang; pesanan yang antre menunggu. Yang sudah dibeli tetap berjalan, isi saldo tetap masuk.
maintenance-usage = <code>/maintenance on [teks]</code>, <code>/maintenance off</code>. Pengguna membaca teksnya.
maintenance-unreadable = “{ $word }” tidak terbaca. Tidak ada yang diubah.

## Yang belum jelas (untuk admin)

doubts-none = ✅ Tidak ada yang meragukan. Pemasok dan pembukuan cocok.
doubts-board = <b>Belum jelas</b>
doubts-in-doubt =
    ⏳ <b>Pesanan { $order }</b> · { $service } · { $price }
    { $provider } ditanya { $ago } dan jawabannya hilang. Dicari dan tidak ada: { $reads }×.
    Selesai sendiri paling lambat dalam { $left }; pengguna lalu punya nomornya atau uangnya.
doubts-unproven =
    ❓ <b>Pesanan { $order }</b> · { $provider } · { $cost }
    Ditanya { $ago }. Uang pengguna sudah kembali; belum diketahui apakah kita ditagih. Lihat riwayat pesanan di sana.
doubts-balance-lower = 📉 <b>{ $provider }</b>: saldo { $amount } lebih rendah dari pembukuan.
doubts-balance-higher = 📈 <b>{ $provider }</b>: saldo { $amount } lebih tinggi dari pembukuan. Akan dicek sekali lagi otomatis.
doubts-stranger = 👤 <b>{ $provider }</b>: pesanan <code>{ $upstream }</code> terbuka di sana dan bukan dari toko ini.
doubts-missing = 🔍 <b>{ $provider }</b>: tidak mengenal <code>{ $upstream }</code>, pesanan kita { $order }. Tanpa SMS, uang pengguna kembali saat waktunya habis.
doubts-more = … dan { $count } lagi.
doubts-usage = Kalau pesanan yang meragukan ada di riwayat sana: <code>/doubts bought &lt;pesanan&gt; &lt;id di sana&gt; &lt;nomor&gt;</code>
doubts-unreadable = “{ $word }” tidak terbaca. Tidak ada yang diubah.
doubts-bought = ✅ Pesanan { $order } kini punya nomornya; penggunanya melihatnya.
doubts-settled = Pesanan { $order } sudah selesai, atau id itu milik pesanan lain. Tidak ada yang diubah.
button-not-bought = Pesanan { $order }: tidak terbeli
button-number-lost = Pesanan { $order }: ditagih, nomor hilang
button-float-accept = Masukkan ke pembukuan: { $provider }
toast-ruled-not-bought = Pesanan { $order }: tidak terbeli. Uangnya ada pada pengguna.
toast-ruled-lost = Pesanan { $order }: dicatat sebagai biaya kita.
toast-ruled-already = Pesanan { $order } sudah selesai. Tidak ada yang diubah.
toast-float-accepted = Masuk ke pembukuan.
providers-in-doubt = ⏳ Satu pembelian di sana meragukan. Sampai jelas, tidak ada yang dibeli di sana: /doubts
finding-strangers = ⚠️ Di { $provider } ada { $count } pesanan terbuka yang bukan dari toko ini, misalnya { $example }. Kalau kamu tidak membeli manual dengan kunci yang sama, gantilah kuncinya. /doubts
finding-missing = ⚠️ { $provider } tidak mengenal pesanan kita { $order } yang menunggu SMS. Uang penggunanya kembali saat waktunya habis; tolong cek akun di sana. /doubts
finding-orphan-cancelled = ✅ Nomor pesanan { $order }, yang uangnya sudah dikembalikan, muncul di { $provider } dan dibatalkan. Tidak ada biaya untuk kita.
finding-balance-fell = ⚠️ Saldo di { $provider } { $amount } lebih rendah dari pembukuan. Mungkin harga naik diam-diam, atau ada nomor dibeli manual dengan kunci yang sama. Lihat riwayat di sana, lalu putuskan: /doubts
finding-balance-rose = 📈 Saldo di { $provider } naik { $amount }. Dicatat sebagai setoranmu.
finding-audit = 🚨 Audit malam menemukan { $count } selisih di pembukuan, pertama: { $example }. Tolong hentikan bot, simpan salinan database, dan jalankan <code>numshop audit</code>.

## Siaran, cadangan, dan peringatan (untuk admin)

label-act-broadcast = 📣 Siaran
label-audience-all = Semua orang
label-audience-active = Datang dalam 30 hari terakhir
label-audience-funded = Yang punya saldo
button-broadcast-send = 📣 Kirim ke { $count } orang
button-broadcast-other = ‹ Penerima lain
button-broadcast-pause = ⏸ Jeda
button-broadcast-resume = ▶️ Lanjutkan
button-broadcast-cancel = ✖️ Jangan kirim lagi
button-news-stop = 🔕 Tanpa kabar lagi
button-news-on = 🔔 Kabar dari toko: aktif
button-news-off = 🔕 Kabar dari toko: mati
toast-news-on = Kabar dari toko datang lagi.
toast-news-off = Tidak ada kabar lagi. Yang menyangkut pesanan dan uangmu tetap datang. Aktifkan lagi di /language.
toast-broadcast-already = Sudah begitu. Tidak ada yang dikirim lagi.
broadcast-usage =
    <b>Pesan untuk banyak orang</b>

    1. Tulis di sini seperti tampilannya nanti: teks, foto, berkas …
    2. Balas pesan itu dengan <code>/broadcast</code>.

    Kamu memilih penerimanya dan melihatnya sekali lagi sebelum ada yang terkirim.
broadcast-album = Album tidak bisa dikirim: tiap gambarnya pesan sendiri. Kirim satu gambar, lalu balas gambar itu. Tidak ada yang terkirim.
broadcast-audience = Siapa yang menerimanya? Yang mematikan kabar atau memblokir bot tidak dihitung.
broadcast-confirm =
    ☝️ Begini tampilannya. Belum ada yang terkirim.

    Untuk: <b>{ $audience }</b>
    <b>{ $count }</b> orang · sekitar { $time }
broadcast-running = 📣 <b>Sedang dikirim</b>
broadcast-paused = ⏸ <b>Dijeda</b>
broadcast-done = ✅ <b>Semua sudah dikirimi</b>
broadcast-cancelled = ✖️ <b>Dihentikan.</b> Tidak ada lagi yang menerimanya.
broadcast-original-gone = ✖️ <b>Dihentikan: pesanmu terhapus.</b> Tidak ada lagi yang menerimanya.
broadcast-progress = <b>{ $delivered }</b> dari { $total } sudah menerima · { $audience }
broadcast-left = Kira-kira { $time } lagi.
broadcast-blocked = 🚫 Memblokir bot: { $count }
broadcast-failed = ⚠️ Tidak bisa dihubungi: { $count }
broadcast-declined = 🔕 Mematikan kabar sementara itu: { $count }
broadcast-busy = Pesan lain masih dikirim. Satu per satu: tunggu, atau hentikan dulu.
broadcast-no-original = Pesanmu sudah tidak ada. Tulis lagi dan balas dengan /broadcast. Tidak ada yang terkirim.
broadcast-no-copy = Telegram tidak mengizinkan pesan seperti ini disalin. Tulis dengan cara lain. Tidak ada yang terkirim.
broadcast-try-again = Telegram sedang tidak menjawab. Coba lagi. Tidak ada yang terkirim.
label-act-backup = 💾 Cadangan
backup-made =
    💾 <b>Cadangan dibuat:</b> { $size }, sudah dibaca ulang dan utuh.
    { $path }

    Tetap ada di server; ambil dari sana.
backup-differences = ⚠️ Ada { $count } selisih di pembukuan, di cadangan sama seperti di aslinya: /doubts
backup-off = Folder cadangan belum diatur. Isi <code>BACKUP_FOLDER</code> di pengaturan, atau jalankan <code>numshop backup FILE</code> di server.
backup-server = Basis datanya ada di server PostgreSQL: dicadangkan dengan <code>pg_dump</code> miliknya.
backup-failed = ⚠️ <b>Tidak ada cadangan yang dibuat:</b> { $reason }. Yang lama tetap ada.
button-alert-providers = 🔌 Penyedia
button-alert-doubts = ⚖️ Yang belum jelas
button-alert-recovery = 🛟 Pemulihan
button-alert-request = 🏦 Permintaan { $id }
button-alert-disk = 🔄 Lihat lagi
button-alert-backup = 💾 Coba sekarang
alert-low-balance = ⚠️ <b>Saldo kita menipis</b> di { $count } penyedia.
alert-provider-down = 🔌 <b>Penyedia yang tidak bisa dipakai: { $count }</b>
    Yang lain tetap menjual; pesanan yang terbuka terus ditanyakan.
alert-in-doubt = ⏳ <b>Pembelian yang belum jelas: { $count }</b>
    Tiap pengguna mendapat nomor atau uangnya dalam hitungan menit, tanpa kamu.
alert-audit = 🚨 <b>Pembukuannya salah.</b>
alert-topup-waiting = 🏦 <b>Menunggu uang yang sudah dikirim: { $count }</b>
alert-disk = 💽 <b>Disk hampir penuh:</b> tersisa { $megabytes } MB di tempat basis data. Kalau penuh, tidak ada yang terjual. Tolong kosongkan ruang.
alert-backup = 💾 <b>Tidak ada cadangan yang dibuat:</b> { $reason }. Yang lama tetap ada.
alert-request = Permintaan { $id }
alert-line = { $about } · sudah { $minutes } menit
solved-low-balance = ✅ Saldonya cukup lagi: { $names }.
solved-provider-down = ✅ Bisa dipakai lagi: { $names }.
solved-in-doubt = ✅ Sudah jelas: { $names }.
solved-audit = ✅ Pembukuannya benar lagi.
solved-disk = ✅ Ruang disk cukup lagi.
solved-topup-waiting = ✅ Tidak menunggu lagi: { $names }.
solved-backup = ✅ Basis data dicadangkan lagi.
disk-room = Tersisa { $size } di tempat basis data.
disk-unknown = Sisa ruang tidak diketahui di sini: basis datanya ada di server, atau sistem tidak memberi tahu.

## Pengelola (untuk admin)

label-role-none = pengguna
label-role-support = dukungan
label-role-admin = admin
label-role-owner = pemilik
label-act-topup = 💰 Isi saldo
label-act-deduct = 💸 Potong saldo
label-act-price = 🏷 Harga
label-act-provider = 🔌 Pemasok
label-act-ruling = ⚖️ Keputusan
label-act-balance = 📒 Selisih saldo diterima
label-act-voucher = 🎟 Voucher
label-act-request = 🏦 Permintaan transfer
label-act-stars-refund = ⭐ Stars dikembalikan
label-act-recovery = 🛟 Pemulihan selesai
label-act-role = 👤 Peran
label-act-service = 📌 Layanan
label-act-announcement = 📣 Pengumuman
label-act-maintenance = ⏸ Pemeliharaan
button-audit = 🧾 Yang sudah dilakukan
button-role-set = ✅ Ubah peran
toast-role-already = Ini sudah dilakukan. Tidak ada yang berubah lagi.
role-list = <b>Pengelola toko</b>
role-line = { $role }: <b>{ $name }</b> (ID { $id })
staff-usage =
    <code>/role &lt;ID pengguna atau @nama&gt; support</code>
    <code>/role &lt;ID pengguna atau @nama&gt; admin</code>
    <code>/role &lt;ID pengguna atau @nama&gt; none</code>

    Dukungan melihat, menjawab, dan mengembalikan uang sampai batas di pengaturan. Admin mengelola toko. Pemilik juga memberi peran; mereka ditulis di pengaturan.
role-draft =
    Ubah peran <b>{ $name }</b> (ID { $id })?

    { $before } → <b>{ $after }</b>
role-set = ✅ <b>{ $name }</b> (ID { $id }) sekarang: { $role }.
role-news = Sekarang kamu ikut mengelola toko ini sebagai: <b>{ $role }</b>. Perintah barumu ada di menu di samping kolom teks.
role-news-none = Kamu tidak lagi mengelola toko ini. Saldo dan pesananmu tetap seperti semula.
refused-role-owner = Pemilik ditulis di pengaturan bot. Tidak ada yang berubah.
refused-role-same = Sudah begitu. Tidak ada yang berubah.
refused-role-too-low = Ini butuh hak lebih dari yang kamu punya. Tidak ada yang berubah. Pemilik toko bisa memberikannya: /role.
audit-title = <b>Yang sudah dilakukan</b>
audit-none = Belum ada.
audit-head = <b>{ $act }</b> · { $subject }
    { $by }, { $ago }
audit-change = { $before } → { $after }

## Sewa nomor

command-rent = Sewa nomor lebih lama
button-rent = 📞 Sewa nomor
button-my-rentals = 📞 Sewaan saya
button-all-countries = 🌍 Semua negara
button-inbox = 📥 Semua SMS
button-try-again-inbox = 🔄 Terbaru
button-renew = 🔁 Perpanjang
button-label = ✏️ Beri nama
button-mute = 🔕 Senyapkan
button-unmute = 🔔 Bunyikan
button-open-rental = 📞 Buka sewaan
label-duration-per-day = { $span } · { $price } ({ $day } per hari)
label-rental = { $flag } { $name } · { $left }
state-rented = 📞 disewa
rental-title = 📞 Sewa { $span }
renewal-title = 🔁 Tambah { $span }
rent-countries =
    📞 <b>Sewa nomor</b>

    Nomornya milikmu selama masa sewa dan menerima semua SMS, dari layanan apa pun. Negara mana? Pilih, atau ketik namanya.
rent-found = 📞 Yang cocok dengan “{ $text }”:
rent-not-found = Tidak ada nomor sewaan di “{ $text }”. Coba ejaan lain, atau lihat semua negara.
rent-nothing = Belum ada nomor yang bisa disewa. Coba lagi nanti, ya.
button-reminders = ⏰ Pengingat sewa
label-reminder = { $sign } { $span } sebelum habis
reminders =
    <b>Pengingat</b>

    Kapan saya ingatkan kalau masa sewa mau habis? Ketuk untuk menyalakan atau mematikan.
rent-durations =
    <b>{ $country }</b>

    Untuk berapa lama?
rent-checking = 🔎 Sedang melihat sisa nomornya…
rent-left = Sisa nomor: { $count }
rent-promise =
    Bayarnya saat nomornya ada; kalau tidak dapat, saldo kembali otomatis.
    Semua SMS masuk ke chat ini. Sewaan tidak bisa dikembalikan.
renewal-promise = Bayarnya saat masa sewa yang baru sudah pasti; kalau gagal, saldo kembali otomatis. Nomormu tetap sama.
card-rented =
    📞 Milikmu { $left } lagi, sampai { $until }.
    Setiap SMS ke nomor ini masuk ke chat ini.
card-rental-over = Sewa ini berakhir { $until }. SMS-nya tetap bisa dibaca di sini.
card-renewing =
    ⏳ Memperpanjang…
    { $price } disisihkan. Kalau gagal, langsung kembali.
card-renewed = ✅ Diperpanjang sampai { $until }. { $price } sudah dibayar.
rentals = 📞 <b>Sewaanmu</b>
rentals-none = Kamu belum menyewa nomor.
inbox-none = Belum ada SMS. Nanti muncul sendiri di sini dan di chat ini.
sms-from = 📩 <b>{ $sender }</b> · { $when }
sms-at = 📩 { $when }
renew-durations = Berakhir dalam { $left }, { $until }. Ditambah berapa lama?
renew-nothing = Sewa ini belum bisa diperpanjang sekarang. Saldomu tidak berkurang.
rental-ask-label = Nomor ini mau dinamai apa? Ketik namanya, atau “-” untuk tanpa nama.
rental-labelled = ✅ Sudah dinamai.
rental-ends = ⏰ Sewa ini berakhir dalam { $left }, { $until }. Perpanjang sebelum itu supaya nomornya tetap milikmu: sesudahnya hilang selamanya.
rental-over = ⌛ Masa sewa ini sudah habis. Nomornya tidak menerima SMS lagi; SMS yang ada tetap bisa dibaca.
toast-muted = 🔕 SMS-nya tidak berbunyi lagi. Lihat di “Semua SMS”.
toast-unmuted = 🔔 SMS-nya berbunyi lagi.
mailbox-title = 📧 { $service }
button-copy-address = 📋 Salin alamat
refused-cannot-renew = Sewa ini sedang diperpanjang, atau masanya sudah habis. Saldomu tidak berkurang.

## Statistik dan kartu (untuk admin)

command-stats = Pendapatan dan penjualan toko
command-user = Lihat pengguna
command-order = Lihat pesanan
stats =
    📊 <b>{ $days }</b>

    <b>{ $margin }</b> margin
    { $revenue } pendapatan − { $cost } biaya
stats-goodwill = − { $amount } dikembalikan setelah terkirim
stats-shares = − { $amount } untuk undangan
stats-spent = { $amount } di pemasok (hari ini { $converted })
stats-spent-own = { $amount } di pemasok
label-chart-revenue = Pendapatan
label-chart-cost = Biaya
stats-spent-no-rate = ⚠️ { $amount } di pemasok: kurs belum diatur, jadi tidak masuk margin. /prices
stats-unproven = ❓ { $amount } mungkin sudah ditagih. /doubts
stats-product = { $name }: { $orders } · { $revenue } − { $cost }
stats-providers = <b>Pemasok</b> (berhasil · separuh kode dalam · pesanan)
stats-services = <b>Layanan</b>
stats-fared = { $name }: { $percent } · { $median } · { $orders }
stats-users = 👥 { $new } baru, { $active } aktif
stats-top-ups = <b>Uang masuk</b>
stats-chart = 📈 { $days }, dalam { $currency }
stats-no-chart = Grafiknya tidak bisa digambar. Angka di atas tetap benar.
stats-unreadable = “{ $word }” tidak terbaca. Coba <code>/stats today</code>, <code>/stats 30d</code> atau <code>/stats 2026-01-01..2026-01-31</code>. Harinya menurut UTC.
button-stats-today = Hari ini
button-stats-chart = 📈 Grafik
label-product-activation = 📱 Nomor
label-product-rental = 📞 Sewa
label-product-renewal = 🔁 Perpanjangan
label-product-mailbox = 📧 Email
label-source-manual = Manual
label-source-stars = Stars
label-source-voucher = Voucher
label-source-request = Transfer dan QRIS
label-kind-topup = isi saldo
label-kind-hold = ditahan
label-kind-capture = dibayar
label-kind-release = kembali ke saldo
label-kind-goodwill = dikembalikan
label-kind-stars-refund = Stars dikembalikan
label-kind-adjust = koreksi
label-kind-cost = biaya
label-kind-cost-refund = biaya kembali
user-usage =
    <b>Lihat pengguna</b>
    <code>/user &lt;ID pengguna atau @nama&gt;</code>
user-card =
    👤 <b>{ $name }</b> · { $id }
    { $language } · di sini sejak { $since }

    <b>{ $available }</b> di saldo, { $held } ditahan
user-banned = ⛔ Diblokir
user-blocked = 🔕 Memblokir bot
user-flag = { $flag } ({ $ago })
user-seen = Terakhir di sini: { $ago }
user-never-seen = Terakhir di sini: tidak diketahui
user-orders = 🧾 <b>{ $all } pesanan</b>: { $delivered } terkirim, { $cancelled } dibatalkan, { $expired } kedaluwarsa, { $failed } tanpa nomor, { $open } berjalan
user-given-back = Mengembalikan { $percent } % nomor
user-came-in = { $source }: { $amount } ({ $count }×)
user-note = 📝 { $note }
user-no-orders = { $name } belum punya pesanan.
user-orders-of = Pesanan <b>{ $name }</b>:
user-moves-of = Mutasi saldo <b>{ $name }</b>:
user-move = { $at } { $order }{ $what }
user-which-note = 📝 Apa yang dicatat tentang <b>{ $name }</b>? Hanya staf yang membacanya. Ketik, atau “-” untuk mengosongkan.
user-which-words = ✉️ Apa yang saya tulis kepada <b>{ $name }</b>? Ketik; kamu melihatnya sekali lagi sebelum terkirim.
user-draft = ✉️ Kepada <b>{ $name }</b>:
button-desk-moves = 💱 Mutasi
button-desk-note = 📝 Catatan
button-desk-write = ✉️ Pesan
button-desk-send = ✉️ Kirim
button-desk-ban = ⛔ Blokir
button-desk-unban = ✅ Izinkan lagi
button-desk-user = 👤 { $name }
button-desk-order = 🧾 Pesanan { $order }
button-desk-number = 👁 Tampilkan nomor lengkap
button-desk-cancel = ↩️ Batalkan, { $amount } kembali
button-desk-refund = ↩️ Kembalikan { $amount }
button-desk-newer = ‹ Lebih baru
button-desk-older = Lebih lama ›
toast-desk-banned = Diblokir. Pesanan yang berjalan selesai seperti biasa.
toast-desk-unbanned = Boleh memakai toko lagi.
toast-desk-sent = Sedang dikirim.
toast-desk-sent-already = Sudah dikirim. Tidak ada yang terkirim dua kali.
toast-desk-cancel-asked = Dibatalkan. Uang kembali begitu pemasok setuju.
toast-desk-cancelled = Dibatalkan. Uang sudah kembali ke saldo.
toast-desk-given = { $amount } sudah di saldo. Pengguna sudah tahu.
toast-pay-banned = Kamu tidak bisa memakai toko ini, jadi tidak ada yang dibayar. Untuk pertanyaan: /paysupport
order-usage =
    <b>Lihat pesanan</b>
    <code>/order &lt;nomor&gt;</code>

    Kembalikan sebagian: <code>/order &lt;nomor&gt; refund &lt;jumlah&gt; &lt;alasan&gt;</code>
story =
    🧾 <b>Pesanan { $order }</b> · { $state }
    { $title }
    <b>{ $price }</b> · { $name } ({ $user })
    { $at }
story-upstream = { $provider } · <code>{ $id }</code> · { $cost }
story-number = { $number }
story-steps = <b>Langkah</b>
story-step = { $at } { $what } → { $state }
story-calls = <b>Panggilan pembelian</b>
story-call = { $at } { $provider }: { $asked } seharga { $cost }
story-answer = ↳ { $outcome }, setelah { $took } d
story-no-answer = ↳ belum diketahui
story-money = <b>Uang</b>
story-transfer = { $at } { $kind }: { $amount } · { $actor }
story-unproven = ↳ belum terbukti
story-sms = 📩 { $count } diterima, terakhir pada { $times }
story-difference = ⚠️ { $provider } dan pembukuan tidak cocok tentang <code>{ $id }</code>, sejak { $since }, terakhir { $last }. /doubts
step-confirmed = dikonfirmasi
step-attempt-started = panggilan dikirim
step-attempt-refused = ditolak
step-gave-up = dihentikan
step-answer-lost = jawaban hilang
step-number-bought = terbeli
step-delivered = terkirim
step-number-not-found = tidak ditemukan
step-sms-arrived = SMS
step-cancel-asked = minta batal
step-closed-upstream = ditutup pemasok
step-time-up = waktu habis
step-finished = selesai
refund-why = Mengapa uang pesanan { $order } dikembalikan kepada { $name }? Mereka membaca jawabanmu. Ketik sekarang.
refund-cancels =
    Batalkan pesanan { $order } milik <b>{ $name }</b>? { $amount } yang ditahan kembali begitu pemasok setuju.
refund-goodwill =
    Kembalikan <b>{ $amount }</b> dari { $price } untuk pesanan { $order } kepada <b>{ $name }</b>? Pesanan ini sudah terkirim, jadi toko yang menanggungnya.
given-back =
    ↩️ <b>{ $amount }</b> untuk pesanan { $order } sudah kembali ke saldomu. Saldomu { $available }.
admin-writes = ✉️ <b>Pengelola toko ini menulis kepadamu:</b>
admin-writes-answer = Untuk menjawab, kirim /paysupport dan pesanmu.
refused-banned = Maaf, kamu tidak bisa lagi memakai toko ini. Yang sedang berjalan dan uangmu tetap sampai: /orders, /wallet. Untuk pertanyaan: /support. /terms dan /mydata juga bisa.
refused-nothing-paid = Tidak ada yang dibayar untuk pesanan ini, atau semuanya sudah kembali. Tidak ada uang yang berpindah.
refused-more-than-paid = Paling banyak { $most } yang bisa dikembalikan untuk pesanan ini. Tidak ada uang yang berpindah.
refused-no-reason = Perlu alasan: pengguna membacanya. Tidak ada uang yang berpindah.
label-act-order-refund = ↩️ Pesanan dikembalikan
label-act-ban = ⛔ Blokir
label-act-note = 📝 Catatan
label-act-message = ✉️ Pesan
label-act-number = 👁 Nomor ditampilkan
command-export = Ambil pembukuan sebagai tabel
export-usage =
    <b>Pembukuan sebagai tabel</b> (CSV)
    <code>/export orders|transfers|users [rentang]</code>

    Contoh: <code>/export orders 30d</code> atau <code>/export transfers 2026-01-01..2026-01-31</code>. Tanpa rentang berarti semuanya.
export-begun = ⏳ Sedang ditulis. Berkasnya datang sendiri.
export-ready = 📤 Berkas { $part } dari { $parts } · baris: { $rows }
export-too-much = Itu terlalu banyak untuk Telegram. Sebutkan rentang yang lebih pendek, atau jalankan <code>numshop export</code> di server.
export-failed = Tidak berhasil. Tidak ada yang terkirim; silakan coba lagi.
label-act-export = 📤 Ekspor

## Email

command-email = Beli alamat email untuk satu kode
button-email = 📧 Beli email
button-by-domain = 📮 Per domain
mail-services =
    📧 <b>Email untuk satu kode</b>

    Untuk layanan apa? Pilih, atau ketik namanya.
mail-found = 📧 Yang cocok dengan “{ $text }”:
mail-not-found = Tidak ada email untuk “{ $text }”. Coba ejaan lain, atau lihat semua layanan.
mail-nothing = Belum ada email yang dijual. Coba lagi nanti, ya.
mail-domains = 📮 Alamatnya di domain mana?
mail-service =
    📧 <b>{ $service }</b>

    Alamatnya di domain mana?
mail-domain =
    📮 <b>@{ $domain }</b>

    Untuk layanan apa?
mail-promise =
    Alamatnya menunggu email selama { $lifetime }. Bisa dibatalkan kapan saja sebelum emailnya masuk.
    Tidak ada email, tidak bayar: saldo kembali otomatis.
card-mail-reserving =
    ⏳ Mencari alamat…
    { $price } disisihkan. Kalau tidak ada, langsung kembali.
card-mail-in-doubt =
    ⚠️ Jawaban pemasok hilang di jalan, jadi kami cek dulu apakah alamatnya sudah terbeli.
    { $price } disisihkan. Paling lama { $span } lagi kamu dapat alamatnya atau saldonya kembali.
card-mail-waiting =
    ⏳ Menunggu email · sisa { $left }
    { $price } disisihkan. Bayarnya hanya kalau emailnya masuk.
card-mail-cancelling =
    ⏳ Membatalkan: kami sedang tanya pemasoknya.
    { $price } kembali begitu disetujui, paling lama { $span }. Kalau emailnya lebih cepat, kamu dapat emailnya.
card-mail-received = 📩 Emailnya sudah masuk. { $price } sudah dibayar.
card-mail-expired = ↩️ Tidak ada email sampai waktunya habis. { $price } kembali ke saldomu.
mail-no-code = 📩 <b>Email untuk { $service }</b>

# Gerbang: yang dilewatkan sebelum sempat dilihat. Paling banyak 200 karakter: dipakai juga sebagai toast.
left-out-too-fast = 🐢 Terlalu cepat untuk saya, jadi yang tadi dilewatkan: tidak ada yang dibeli dan tidak ada uang yang berpindah. Coba lagi beberapa detik lagi.
left-out-too-busy = ⏳ Toko sedang sangat ramai, jadi yang tadi dilewatkan: tidak ada yang dibeli dan tidak ada uang yang berpindah. Coba lagi sebentar lagi.
passed-on-command = Perintah yang diteruskan atau berasal dari bot lain tidak melakukan apa-apa di sini. Untuk memakainya, ketik sendiri.
