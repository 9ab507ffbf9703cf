//! QR codes as SVG. Which modules a code has, the library knows; how they lie on a page is here.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Blank modules on each side, as the standard wants.
const QUIET: usize = 4;
/// Pixels of a module.
const SCALE: usize = 4;

/// The picture of a text; `None` for one that is too long. `label` is what it is for who does not see it.
pub fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                // Writing into a text cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let mut said = String::new();
    // Writing into a text cannot fail.
    let _ = crate::views::write_escaped(&mut said, label);
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{said}\" viewBox=\"0 0 {side} {side}\" width=\"{0}\" height=\"{0}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" \
         d=\"{path}\"/></svg>",
        side * SCALE
    ))
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn a_text_becomes_a_square() {
        let drawn = svg("otpauth://totp/Kontor:a%40example.test?secret=GEZDGNBVGY3TQOJQ", "a \"key\" <x>")
            .unwrap_or_default();
        assert!(drawn.starts_with("<svg") && drawn.contains("M4 4h7v1h-7z"), "{drawn}");
        assert!(!drawn.contains("<x>"), "{drawn}");
        assert!(svg(&"x".repeat(8_000), "too long").is_none());
    }
}
