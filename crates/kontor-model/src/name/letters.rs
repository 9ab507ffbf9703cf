//! Letters of other scripts as Latin ones, good enough for names that are typed by hand: Cyrillic, Greek, Hebrew, Arabic,
//! kana and Hangul. Marks are gone before (`й` comes as `и`), and syllables of Hangul come as their letters.

/// What stands for a letter; `None` where nothing is known of it.
pub fn latin(letter: char) -> Option<&'static str> {
    let letter = letter.to_lowercase().next().unwrap_or(letter);
    cyrillic(letter)
        .or_else(|| greek(letter))
        .or_else(|| semitic(letter))
        .or_else(|| kana(letter))
        .or_else(|| hangul(letter))
}

fn cyrillic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' => "i",
        'ј' => "j",
        'к' => "k",
        'л' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' => "n",
        'њ' => "nj",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'ћ' => "c",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'џ' => "dz",
        'ш' => "sh",
        'щ' => "shch",
        'ы' => "y",
        'ю' => "yu",
        'я' => "ya",
        'ђ' => "dj",
        'ъ' | 'ь' => "",
        _ => return None,
    })
}

fn greek(letter: char) -> Option<&'static str> {
    Some(match letter {
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

fn semitic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'א' | 'ע' | 'ا' | 'ع' | 'ى' => "a",
        'ב' | 'ب' => "b",
        'ג' => "g",
        'ד' | 'د' | 'ض' => "d",
        'ה' | 'ه' | 'ة' | 'ح' => "h",
        'ו' | 'و' => "v",
        'ז' | 'ز' | 'ظ' => "z",
        'ח' | 'خ' => "kh",
        'ט' | 'ת' | 'ت' | 'ط' => "t",
        'י' | 'ي' => "y",
        'כ' | 'ך' | 'ك' => "k",
        'ל' | 'ل' => "l",
        'מ' | 'ם' | 'م' => "m",
        'נ' | 'ן' | 'ن' => "n",
        'ס' | 'س' | 'ص' => "s",
        'פ' | 'ף' => "p",
        'צ' | 'ץ' => "ts",
        'ק' | 'ق' => "q",
        'ר' | 'ر' => "r",
        'ש' | 'ش' => "sh",
        'ث' => "th",
        'ج' => "j",
        'ذ' => "dh",
        'غ' => "gh",
        'ف' => "f",
        'ء' => "",
        _ => return None,
    })
}

fn kana(letter: char) -> Option<&'static str> {
    const ROWS: [(&str, [&str; 5]); 8] = [
        ("あいうえお", ["a", "i", "u", "e", "o"]),
        ("かきくけこ", ["ka", "ki", "ku", "ke", "ko"]),
        ("さしすせそ", ["sa", "shi", "su", "se", "so"]),
        ("たちつてと", ["ta", "chi", "tsu", "te", "to"]),
        ("なにぬねの", ["na", "ni", "nu", "ne", "no"]),
        ("はひふへほ", ["ha", "hi", "fu", "he", "ho"]),
        ("まみむめも", ["ma", "mi", "mu", "me", "mo"]),
        ("らりるれろ", ["ra", "ri", "ru", "re", "ro"]),
    ];
    // Katakana stand as far behind hiragana throughout.
    let letter = match u32::from(letter) {
        code @ 0x30A1..=0x30F6 => char::from_u32(code - 0x60)?,
        _ => letter,
    };
    let single = match letter {
        'や' | 'ゃ' => "ya",
        'ゆ' | 'ゅ' => "yu",
        'よ' | 'ょ' => "yo",
        'わ' => "wa",
        'ん' => "n",
        'ぁ' => "a",
        'ぃ' => "i",
        'ぅ' => "u",
        'ぇ' => "e",
        'を' | 'ぉ' => "o",
        'っ' | 'ー' => "",
        _ => {
            return ROWS.iter().find_map(|(row, latin)| {
                let place = row.chars().position(|one| one == letter)?;
                latin.get(place).copied()
            });
        }
    };
    Some(single)
}

fn hangul(letter: char) -> Option<&'static str> {
    const FIRST: [&str; 19] =
        ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
    const MIDDLE: [&str; 21] = [
        "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi",
        "yu", "eu", "ui", "i",
    ];
    const LAST: [&str; 27] = [
        "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t",
        "ng", "t", "t", "k", "t", "p", "t",
    ];
    let code = u32::from(letter);
    let at = |from: u32, list: &'static [&'static str]| {
        usize::try_from(code.checked_sub(from)?).ok().and_then(|place| list.get(place)).copied()
    };
    match code {
        0x1100..=0x1112 => at(0x1100, &FIRST),
        0x1161..=0x1175 => at(0x1161, &MIDDLE),
        0x11A8..=0x11C2 => at(0x11A8, &LAST),
        _ => None,
    }
}
