//! Statistics as a picture: what came in and what it cost, bar by bar.
//!
//! Invariant: it needs nothing of the machine: the font is part of the binary. It shows the sums
//! of the statistics and adds nothing to them but neighbouring days where there are too many.

use std::sync::{Arc, LazyLock};

use plotters::prelude::*;
use plotters::style::register_font;

use crate::domain::money::Currency;
use crate::shop::stats::{DayStats, Stats};

/// DejaVu Sans, printable ASCII only.
static FONT: &[u8] = include_bytes!("../../../data/font/dejavu-sans-ascii.ttf");
const FONT_NAME: &str = "numshop";
static IS_REGISTERED: LazyLock<bool> =
    LazyLock::new(|| register_font(FONT_NAME, FontStyle::Normal, FONT).is_ok());

const WIDTH: u32 = 1_000;
const HEIGHT: u32 = 560;
const BYTES_PER_PIXEL: usize = 3;
/// More bars than this cannot be told apart.
const MOST_BARS: usize = 45;
/// A bar's share of the width that one day has, in units of the axis.
const DAY_UNITS: i64 = 20;
const BAR_UNITS: i64 = 8;

const REVENUE: RGBColor = RGBColor(0x2a, 0x78, 0xd6);
const COST: RGBColor = RGBColor(0xeb, 0x68, 0x34);
const INK: RGBColor = RGBColor(0x3c, 0x3c, 0x3a);
const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe0);

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChartError {
    /// The font is not what it should be.
    #[error("the font cannot be read")]
    Font,
    /// In the words of the library.
    #[error("{0}")]
    Drawing(String),
    /// It could not be written as a PNG.
    #[error("{0}")]
    File(#[from] png::EncodingError),
}

/// What the library says.
fn drawing(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}

/// One pair of bars.
struct Bar {
    label: String,
    revenue: i64,
    cost: i64,
}

/// The picture as a PNG.
pub(super) fn png(
    stats: &Stats,
    currency: Currency,
    names: &[String; 2],
) -> Result<Arc<[u8]>, ChartError> {
    let pixels = (WIDTH as usize) * (HEIGHT as usize);
    let mut buffer = vec![0xFF_u8; pixels * BYTES_PER_PIXEL];
    draw(&mut buffer, &bars(&stats.by_day), currency, names)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&buffer)?;
    writer.finish()?;
    Ok(file.into())
}

/// One pair of bars a day, or for several days where there are too many.
fn bars(days: &[DayStats]) -> Vec<Bar> {
    let together = days.len().div_ceil(MOST_BARS).max(1);
    let sum = |days: &[DayStats], of: fn(&DayStats) -> i64| days.iter().map(of).sum();
    let chunks = days.chunks(together);
    chunks
        .map(|days| Bar {
            label: days
                .first()
                .map(|day| day.day.format("%m-%d").to_string())
                .unwrap_or_default(),
            revenue: sum(days, |day| day.revenue.as_minor()),
            cost: sum(days, |day| day.cost.as_minor()),
        })
        .collect()
}

fn draw(
    buffer: &mut [u8],
    bars: &[Bar],
    currency: Currency,
    [revenue, cost]: &[String; 2],
) -> Result<(), ChartError> {
    if !*IS_REGISTERED {
        return Err(ChartError::Font);
    }
    let area = BitMapBackend::with_buffer(buffer, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE).map_err(drawing)?;
    let all = bars.iter().flat_map(|bar| [bar.revenue, bar.cost]);
    let least = all.clone().min().unwrap_or(0).min(0);
    // A third more, so that the names of the colours stand above the highest bar; never empty.
    let most = all.max().unwrap_or(0).max(0);
    let most = most.saturating_add(most / 3).max(10);
    let width = i64::try_from(bars.len()).unwrap_or(0).max(1) * DAY_UNITS;
    let font = |size: u32| (FONT_NAME, size).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&area)
        .margin(18)
        .x_label_area_size(48)
        .y_label_area_size(104)
        .build_cartesian_2d(0..width, least..most)
        .map_err(drawing)?;
    let label = |at: &i64| {
        let bar = usize::try_from(at / DAY_UNITS).ok();
        bar.and_then(|at| bars.get(at))
            .map(|bar| bar.label.clone())
            .unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(GRID)
        .axis_style(INK)
        // With none at all the library would look for a step between them for ever.
        .x_labels(bars.len().clamp(1, 8))
        .x_label_style(font(26))
        .x_label_formatter(&label)
        .y_labels(6)
        .y_label_style(font(26))
        .y_label_formatter(&|minor| compact(*minor, currency))
        .draw()
        .map_err(drawing)?;
    for (at, name, color, of) in [
        (1, revenue, REVENUE, (|bar| bar.revenue) as fn(&Bar) -> i64),
        (1 + BAR_UNITS, cost, COST, |bar| bar.cost),
    ] {
        let boxes = bars.iter().zip(0_i64..).map(|(bar, number)| {
            let left = number * DAY_UNITS + at;
            Rectangle::new([(left, 0), (left + BAR_UNITS, of(bar))], color.filled())
        });
        chart
            .draw_series(boxes)
            .map_err(drawing)?
            .label(name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 6), (x + 16, y + 6)], color.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .label_font(font(26))
        .draw()
        .map_err(drawing)?;
    area.present().map_err(drawing)
}

/// `1.2M` for what would not fit beside an axis.
fn compact(minor: i64, currency: Currency) -> String {
    let whole = minor / 10_i64.saturating_pow(currency.decimals());
    let sign = if whole < 0 { "-" } else { "" };
    let size = whole.unsigned_abs();
    for (unit, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] {
        if size >= unit {
            let tenth = size % unit * 10 / unit;
            let tenth = if tenth == 0 {
                String::new()
            } else {
                format!(".{tenth}")
            };
            return format!("{sign}{}{tenth}{letter}", size / unit);
        }
    }
    format!("{sign}{size}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;
    use chrono::NaiveDate;

    fn days(count: u64) -> Vec<DayStats> {
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        (0..count)
            .map(|at| DayStats {
                day: first + chrono::Days::new(at),
                revenue: Money::minor(10),
                cost: Money::minor(7),
            })
            .collect()
    }

    #[test]
    fn no_day_gets_lost_where_there_are_many() {
        for count in [0, 1, 7, 45, 46, 365, 3_660] {
            let drawn = bars(&days(count));
            assert!(drawn.len() <= MOST_BARS, "{count}");
            let revenue: i64 = drawn.iter().map(|bar| bar.revenue).sum();
            assert_eq!(revenue, i64::try_from(count).unwrap() * 10);
        }
    }

    #[test]
    fn a_picture_shows_bars_of_both_colours_and_labels() {
        for count in [0_u64, 1, 7, 400] {
            let pixels = (WIDTH as usize) * (HEIGHT as usize);
            let mut buffer = vec![0xFF_u8; pixels * BYTES_PER_PIXEL];
            let idr = Currency::from_code("IDR").unwrap();
            let names = ["Revenue", "Cost"].map(str::to_owned);
            draw(&mut buffer, &bars(&days(count)), idr, &names).unwrap();
            let has = |color: RGBColor| {
                let wanted = [color.0, color.1, color.2];
                buffer.chunks(BYTES_PER_PIXEL).any(|pixel| pixel == wanted)
            };
            assert!(has(REVENUE) && has(COST) && has(INK), "{count}");
        }
    }

    #[test]
    fn amounts_are_written_short() {
        let idr = Currency::from_code("IDR").unwrap();
        let usd = Currency::from_code("USD").unwrap();
        for (minor, currency, text) in [
            (0, idr, "0"),
            (999, idr, "999"),
            (1_000, idr, "1k"),
            (-1_250_000, idr, "-1.2M"),
            (3_000_000_000, idr, "3G"),
            (123_456, usd, "1.2k"),
        ] {
            assert_eq!(compact(minor, currency), text);
        }
    }
}
