//! Barcodes as SVG. Which bars a code has, the library knows; how they lie on a page is here.

use barcoders::sym::code128::Code128;
use barcoders::sym::ean8::EAN8;
use barcoders::sym::ean13::EAN13;

/// Blank modules on each side, as the widest of the specifications wants.
const QUIET: usize = 11;
const HEIGHT: usize = 50;

/// The bars of a code; `None` when the symbology cannot carry it.
pub(crate) fn svg(code: &str, symbology: &str) -> Option<String> {
    let modules = match symbology {
        "ean13" => EAN13::new(code).ok()?.encode(),
        // A UPC-A is an EAN-13 that begins with zero.
        "upc_a" => EAN13::new(format!("0{code}")).ok()?.encode(),
        "ean8" => EAN8::new(code).ok()?.encode(),
        // Character set B: all of plain ASCII.
        _ => Code128::new(format!("\u{0181}{code}")).ok()?.encode(),
    };
    let width = modules.len() + 2 * QUIET;
    let mut bars: Vec<String> = Vec::new();
    let mut at = 0;
    for run in modules.chunk_by(|one, next| one == next) {
        if run.first() == Some(&1) {
            bars.push(format!("M{} 0h{}v{HEIGHT}h-{}z", QUIET + at, run.len(), run.len()));
        }
        at += run.len();
    }
    let mut label = String::new();
    // Writing into a text cannot fail.
    let _ = crate::views::write_escaped(&mut label, code);
    Some(format!(
        "<svg class=\"barcode\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {width} {HEIGHT}\" \
         width=\"{}\" height=\"{HEIGHT}\" shape-rendering=\"crispEdges\"><rect width=\"{width}\" height=\"{HEIGHT}\" \
         fill=\"#fff\"/><path fill=\"#000\" d=\"{}\"/></svg>",
        width * 2,
        bars.concat()
    ))
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn every_symbology_is_drawn() {
        for (code, symbology) in [
            ("4006381333931", "ean13"),
            ("96385074", "ean8"),
            ("036000291452", "upc_a"),
            ("AB-12 <x>", "code128"),
        ] {
            let drawn = svg(code, symbology).unwrap_or_default();
            assert!(drawn.starts_with("<svg") && drawn.contains("<path"), "{code}");
            assert!(!drawn.contains("<x>"), "{drawn}");
        }
        assert_eq!(svg("4006381333932", "ean13"), None);
        assert_eq!(svg("ä", "code128"), None);
    }
}
