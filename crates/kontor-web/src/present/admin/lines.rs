//! At which line of a JSON text a pointer stands: problems of a definition are shown there.

use std::fmt::Write;

/// The line of each pointer, from 1, in the order of the text. A text that is no JSON gives what comes before the fault.
pub fn of_pointers(text: &str) -> Vec<(String, usize)> {
    let mut walk = Walk { bytes: text.as_bytes(), at: 0, line: 1, found: Vec::new() };
    walk.value(&mut String::new(), 0);
    walk.found
}

/// The line of a pointer, or of the nearest thing around it that the text has.
pub fn of_pointer(lines: &[(String, usize)], pointer: &str) -> usize {
    let mut wanted = pointer;
    loop {
        if let Some((_, line)) = lines.iter().find(|(known, _)| known == wanted) {
            return *line;
        }
        match wanted.rsplit_once('/') {
            Some((parent, _)) => wanted = parent,
            None => return 0,
        }
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    found: Vec<(String, usize)>,
}

impl Walk<'_> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                other => return Some(*other),
            }
            self.at += 1;
        }
        None
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn value(&mut self, pointer: &mut String, depth: usize) -> Option<()> {
        if depth > 64 {
            return None;
        }
        let first = self.peek()?;
        self.found.push((pointer.clone(), self.line));
        let length = pointer.len();
        match first {
            b'{' => {
                self.take(b'{')?;
                if self.take(b'}').is_some() {
                    return Some(());
                }
                loop {
                    self.peek()?;
                    let line = self.line;
                    let key = self.text()?;
                    self.take(b':')?;
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    let place = self.found.len();
                    let inner = self.value(pointer, depth + 1);
                    // A member is said to stand where its key stands.
                    if let Some(entry) = self.found.get_mut(place) {
                        entry.1 = line;
                    }
                    pointer.truncate(length);
                    inner?;
                    if self.take(b',').is_none() {
                        return self.take(b'}');
                    }
                }
            }
            b'[' => {
                self.take(b'[')?;
                if self.take(b']').is_some() {
                    return Some(());
                }
                let mut index = 0;
                loop {
                    write!(pointer, "/{index}").ok()?;
                    let inner = self.value(pointer, depth + 1);
                    pointer.truncate(length);
                    inner?;
                    index += 1;
                    if self.take(b',').is_none() {
                        return self.take(b']');
                    }
                }
            }
            b'"' => self.text().map(|_| ()),
            _ => {
                while self
                    .bytes
                    .get(self.at)
                    .is_some_and(|byte| !matches!(byte, b',' | b'}' | b']' | b'\n' | b' '))
                {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            match self.bytes.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        let raw = self.bytes.get(start - 1..=self.at)?;
        self.at += 1;
        serde_json::from_slice(raw).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_stands_at_its_key() {
        let text =
            "{\n  \"a\": {\n    \"b/c\": [\n      1,\n      { \"x\": \"}\" }\n    ]\n  },\n  \"d\": null\n}";
        let lines = of_pointers(text);
        for (pointer, line) in [
            ("", 1),
            ("/a", 2),
            ("/a/b~1c", 3),
            ("/a/b~1c/0", 4),
            ("/a/b~1c/1/x", 5),
            ("/d", 8),
            ("/a/missing", 2),
        ] {
            assert_eq!(of_pointer(&lines, pointer), line, "{pointer}");
        }
        assert_eq!(of_pointer(&of_pointers("{ \"a\": "), "/a"), 1);
        assert_eq!(of_pointer(&[], "/a"), 0);
    }
}
