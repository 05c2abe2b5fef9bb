"""Languages: the codes and names that feeds use, as ISO 639."""

# Spanish is SP; other languages are numbered. Hmong and Yup'ik have no two-letter code.
LANGUAGES: dict[str, str] = {
    "SP": "es", "F4": "ar", "F17": "zh", "F19": "ht", "F25": "fa", "F28": "fr", "F30": "de",
    "F31": "el", "F35": "he", "F36": "hi", "F37": "hmn", "F42": "it", "F43": "ja", "F47": "ko",
    "F66": "pl", "F67": "pt", "F70": "ru", "F81": "tl", "F92": "vi", "N24": "oj", "N40": "ypk",
}  # fmt: skip
LANGUAGE_NAMES: dict[str, str] = {
    "english": "en", "spanish": "es", "arabic": "ar", "any chinese language": "zh", "creole": "ht",
    "farsi": "fa", "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi",
    "hmong": "hmn", "italian": "it", "japanese": "ja", "korean": "ko", "polish": "pl",
    "portuguese": "pt", "russian": "ru", "tagalog": "tl", "vietnamese": "vi", "gujarati": "gu",
    "punjabi": "pa", "tamil": "ta", "urdu": "ur", "twi": "tw", "yiddish": "yi",
}  # fmt: skip
