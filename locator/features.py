"""What a page could ask a browser for: a position, a camera, a network. None of our pages may."""

# As Chromium 156 names them; one that a browser does not know does no harm. Popups of Django's
# admin close by `unload`, which gives nobody anything.
KNOWN_TO_BROWSERS = (
    "accelerometer", "aria-notify", "autoplay", "browsing-topics", "camera",
    "captured-surface-control", "clipboard-read", "clipboard-write", "compute-pressure",
    "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal",
    "digital-credentials-create", "digital-credentials-get", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get",
    "idle-detection", "interest-cohort", "keyboard-map", "language-detector", "language-model",
    "local-fonts", "local-network", "local-network-access", "loopback-network", "magnetometer",
    "media-playback-while-not-visible", "microphone", "midi", "on-device-speech-recognition",
    "otp-credentials", "payment", "picture-in-picture", "private-state-token-issuance",
    "private-state-token-redemption", "publickey-credentials-create", "publickey-credentials-get",
    "screen-wake-lock", "serial", "speaker-selection", "storage-access", "summarizer", "sync-xhr",
    "translator", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
