//! QR codes as pictures.
//!
//! Invariant: a picture has the quiet border that readers need, and pixels large enough for a
//! phone that photographs another one.

use std::sync::Arc;

use qrcode::{Color, QrCode};

/// Pixels for each dark or light square.
const SQUARE: usize = 8;
/// The standard's quiet border, in squares.
const BORDER: usize = 4;

/// A text as a PNG; `None` where it is too long for a QR code.
pub(crate) fn png(text: &str) -> Option<Arc<[u8]>> {
    let code = QrCode::new(text).ok()?;
    let squares = code.to_colors();
    let width = code.width();
    let side = (width + 2 * BORDER) * SQUARE;
    let mut pixels = vec![0xFF_u8; side * side];
    for (at, _) in squares
        .iter()
        .enumerate()
        .filter(|(_, color)| **color == Color::Dark)
    {
        let (left, top) = (at % width + BORDER, at / width + BORDER);
        for row in top * SQUARE..(top + 1) * SQUARE {
            let begin = row * side + left * SQUARE;
            pixels.get_mut(begin..begin + SQUARE)?.fill(0);
        }
    }
    let mut file = Vec::new();
    let pixels_a_side = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut file, pixels_a_side, pixels_a_side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(file.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_picture_with_a_border() {
        let text = "0".repeat(200);
        let file = png(&text).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(&*file)).read_info();
        let mut reader = reader.unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width, info.height);
        let side = usize::try_from(info.width).unwrap();
        let dark = |x: usize, y: usize| pixels[y * side + x] == 0;
        let border = BORDER * SQUARE;
        for at in 0..side {
            assert!(
                !dark(at, border - 1) && !dark(border - 1, at),
                "quiet border"
            );
        }
        // The corner marks are dark outside and light within.
        assert!(dark(border, border) && !dark(border + SQUARE, border + SQUARE));
        assert!(png(&"x".repeat(8_000)).is_none());
    }
}
