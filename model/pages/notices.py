"""How a page's own voice reads: buttons, offers, legal lines, pictures' sources, addresses. Never what a story says.

A headline may begin as a button does: "Read more books, minister tells schools". So a pattern says where a button ends.
"""

import re

EDGES = " \t.:;,!|·•–—-›»>→▸▶()[]"

_FEW = r"(?: [^\s,:;?!]+){0,%d}$"  # words to the end, and no second clause
_NETWORK = (
    r"(?:facebook|twitter|x|instagram|google(?: news)?|tiktok|whatsapp|linkedin|youtube|telegram|bluesky|threads)"
)
_LETTER = r"(?:newsletters?|inbox|briefings?|whatsapp|apps?|alerts?|e-?mails?|notifications?)"
_ACCOUNT = r"(?:newsletters?|inbox|account|alerts?|e-?mails?|access|free|briefings?|updates|profile|print|digital)"
_BUTTON = re.compile(
    "|".join(
        (
            r"(?:read|see|view|show|load|browse|discover|learn|find|hear|explore|get) (?:more|all|full|less|the full)"
            r"(?:(?: [^\s,:;?!]+){0,2}| (?:about|on|from|by|stories|articles|news|comments|posts|here|like)"
            r"(?: [^\s,:;?!]+){0,6})$",
            r"get it here\b|(?:read|see|watch) (?:the rest|it here|on)(?: [^\s,:;?!]+)?$",
            r"(?:we are|we['’]re) hiring\b|(?:work|careers|jobs) (?:at|with|for)(?-i:(?: (?:the|[A-Z]\w*)){1,4})$",
            r"(?:continue|keep) reading(?:\W{1,3}|\W{0,3}[\"“‘'].{0,300}| (?:the main story|this|below|with"
            r"|for)\b.{0,300})?$",
            r"(?:click (?:here|to)|tap (?:here|to)|skip (?:to|past|navigation))" + _FEW % 8,
            r"back to (?:the )?(?:top|home|homepage|start)(?: of (?:the )?page)?$",
            r"(?:sign|log)[ -]?(?:up|in|out|on|me up)(?:(?: (?:to|for|with|here|now|or|and) [^\s,:;?!]+)?"
            r"| (?:to|for|with|here|now|or|and|today)\b[^:?]{0,80}\b" + _ACCOUNT + r"\b.{0,80})$",
            r"(?:un)?subscribe(?:"
            + _FEW % 3
            + r"|\b[^:?]{0,80}\b(?:"
            + _ACCOUNT
            + r"|off|month|week|save|offer|now)\b)",
            r"register (?:now|here|for)(?:" + _FEW % 3 + r"|\b[^:?]{0,80}\b" + _ACCOUNT + r"\b)",
            r"(?:get|receive|join|enjoy)\b(?=[^:?]{0,80}\b(?:our|your|free|daily|weekly|latest|news|breaking"
            r"|the best)\b)"
            r"[^:?]{0,80}\b" + _LETTER + r"\b",
            r"get every \w+ by e-?mail\b",
            r"stay up[ -]to[ -]date(?: with| on|$)[^:?]{0,80}$",
            r"stay (?:informed|connected|in the know|in touch)(?:$| with (?:us|our|news|the (?:latest"
            r"|news)|notifications)\b)",
            r"(?:never|don['’]t|do not) miss (?:a|an|any|another|our|out on our) (?:\w+ )?(?:story|article"
            r"|update|moment|post|news"
            r"|thing|headline)s?\b",
            r"(?:manage|update|change|review|set) (?:your|my|the|our)?\s?(?:cookies?|privacy|consent"
            r"|preferences|settings"
            r"|subscriptions?|account|choices|newsletters?|location|edition)" + _FEW % 3,
            r"accept (?:all|cookies)" + _FEW % 2,
            r"reject all" + _FEW % 2,
            r"we value your privacy(?:$|[.!:])|(?:we|this (?:site|website|page)) uses? cookies",
            r"follow us" + _FEW % 6,
            r"follow(?-i:(?: [A-Z]\w+){1,3})$",
            r"follow [^:,?]{0,40} on " + _NETWORK + r"(?:\W+(?:and|&|or)\b.{0,60})?$",
            r"(?:find|like|join|watch|add) (?:us|me) (?:on|at|as)\b",
            r"send us (?:your|a)\b",
            r"advertise (?:with|on|in)" + _FEW % 5,
            r"(?:contact|about) us" + _FEW % 3,
            r"support (?!for\b|among\b|from\b)[^:]{0,40}\b(?:journalism|reporting|(?-i:us))$",
            r"(?:new: )?shop (?:to support|now|our|the look)\b",
            r"letters to the editor$",
            r"make a complaint" + _FEW % 4,
            r"(?:got|have) (?:a|any) (?:\w+ )?(?:tip|story|question|correction|comment)s?"
            r"(?:$|\? (?:contact|let|e-?mail|send|get in|tell|call|share|write|ask)\b)",
            r"read our (?:\w+ ){0,3}(?:policy|policies|guidelines|standards|terms|code|statement|faq)\b",
            r"complaints?\b.{0,30}corrections?$|corrections?(?: (?:and|&) clarifications?)?$",
            r"report (?:an?|this) (?:\w+ ){0,2}(?:errors?|mistakes?|typos?|issues?|problems?|corrections?"
            r"|article|comment|ad)$",
            r"(?:suggest|request|submit) (?:an?|your) (?:correction|story|news|tip|photo|event)\b" + _FEW % 3,
            r"(?:spotted|noticed|see|seen|found|got) (?:an?|something) (?:error|mistake|typo|wrong)\b|have (?:a"
            r"|an) \w+ tip\b",
            r"(?:journalistic|editorial|ethics|our|publishing|advertising|\w+['’]s) (?:\w+ ){0,2}"
            r"(?:standards|guidelines|code|policy|policies|principles)(?: (?:and|&|of)\b.{0,60})?$",
            r"(?:your )?(?:\w+ )?(?:privacy|cookie|data) (?:rights|policy|notice|choices|settings|preferences"
            r"|cent(?:re|er)|options)"
            r"(?: (?:for|and|&|[-–|])(?: .{0,40})?)?$",
            r"(?:terms|privacy|cookies?|accessibility)(?: (?:(?:and|&|of|for)|terms|privacy|cookies?|policy|notice|"
            r"statement|settings|conditions|use|service|choices|preferences|cent(?:re|er)))*$",
            r"do not sell (?:or share )?(?:my|your)\b",
            r"share (?:this|on|via|with|by)(?: [^\s,:;?!]+){0,3}$|share this:",
            r"(?:print|e-?mail|save|bookmark|gift) (?:this|article)(?: (?:article|story|page|post|link"
            r"|for later|to [^,:]{1,40}))?$",
            r"copy link",
            r"leave a (?:comment|reply)" + _FEW % 9,
            r"download (?:the|our)\b[^:,?]{0,40}\bapp(?: (?:for|on|now|today|to)\b[^,:]{0,40})?$",
            r"©|\(c\) |copyright (?:(?:©|\(c\)|by|-|–) ?)?\d{4}|all rights reserved|advertisements?$",
            r"(?:sponsored|promoted|paid)(?: (?:by|content|post|partner|link)\b.{0,40})?$|ads? by" + _FEW % 4,
            r"(?:recommended|powered|presented|brought to you|supported) by" + _FEW % 4,
            r"this (?:article|story|page|post) (?:was|is|has)(?: been)? (?:originally|first|last|amended"
            r"|updated|written"
            r"|published|corrected|translated|produced|part|from|available|free|no longer|adapted|sponsored"
            r"|brought|about"
            r"|based|taken|more than|over|edited|republished|removed)\b",
            r"loading\b.{0,3}$",
            r"(?:please )?(?:enable|turn on|allow) javascript|javascript (?:is|must be|seems to be"
            r"|appears to be) (?:not |currently "
            r"|either )?(?:disabled|required|enabled|turned|off|needed|switched|unavailable)",
            r"(?:your|this) browser (?:does(?: not|n['’]t)|is (?:not|no longer|out|unsupported|too old)|cannot"
            r"|can['’]t)",
            r"(?:article|story|video|image) continues (?:below|after|under)\b",
            r"jump to" + _FEW % 3,
            r"(?:\d+% off|save (?:up to )?(?:\d+%|[£$€]\d+)(?: (?:on|off|with|when|now)\b|$)|(?:promo|discount"
            r"|voucher|coupon) codes?\b|\w+ (?:promo|discount|voucher"
            r"|coupon) codes?\b)",
            r"(?:related|recommended) (?:articles|stories|posts) more from (?:author|\w+)$",
        )
    ),
    re.IGNORECASE,
)
_ABOUT = re.compile(r"About (?:the |this )?[A-Z]\w*(?: [A-Z]\w*){0,3}")
_CREDITED = re.compile(
    r"(?:photo(?:graph)?|picture|image|pic|graphic|illustration)s?(?: credit"
    r"| by)?: \S+(?: \S+){0,4}+ ?",
    re.IGNORECASE,
)
_CREDIT_AT_END = re.compile(
    r"(?:\[(?:file|photo|image)\b[^\[\]]*+\]|\((?:file|photo|image|picture|credit)\b[^()]*+\)"
    r"|\bphotograph: [^.]*+|(?:getty|afp|reuters|ap|shutterstock|alamy)(?:/getty)? (?:images?|photo))\.?\Z",
    re.IGNORECASE,
)
_PICTURE_AT_END = re.compile(r"(?:images?|photo)\.?\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+(?:/\S*)?|\S[^\s@]*+@\S+\.\w+")


def is_notice(text: str) -> bool:
    """Whether `text` is a button, a legal or promotional line, a picture's source, an address, or no word at all."""
    bare = text.strip(EDGES)
    if not (bare[:1].isalpha() or any(character.isalpha() for character in bare)):
        return True
    return bool(_BUTTON.match(bare) or _ABOUT.fullmatch(bare) or _is_picture_credit(text) or _is_address(bare))


def _is_picture_credit(text: str) -> bool:
    if _CREDITED.fullmatch(text):
        return True
    found = _CREDIT_AT_END.search(text) if _may_be_credited(text) else None
    return found is not None and "\n" not in text[: found.start()]


def _may_be_credited(text: str) -> bool:
    """Tell most texts that no credit ends, at a tenth of the time that looking for one takes."""
    end = text[-8:]
    return ": " in text or "]" in end or ")" in end or bool(_PICTURE_AT_END.search(end))


def _is_address(text: str) -> bool:
    return " " not in text and bool(_ADDRESS.fullmatch(text))
