// What was pasted: one headline, a list, or a page. The rules are those of pasted.py, which serves who has no script.
const TAG = /<(?:!doctype|html|head|body|article|section|main|nav|div|ul|ol|li|p|h[1-6]|a|table)[\s>]/i;
const FEWEST = 4, ODD = 3, LEAST_WORDS = 4, MOST_WORDS = 25;

export function pasted(text, wanted, longest) {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.trim()).filter(Boolean);
  const tags = (lines.length > 1 || text.length > longest) && TAG.test(text);
  if (wanted === "page") return { kind: TAG.test(text) ? "html" : "text", lines };
  if (wanted === "list" || lines.length < 2) {
    return { kind: tags && wanted === "auto" ? "html" : lines.length > 1 ? "list" : "headline", lines };
  }
  if (tags) return { kind: "html", lines };
  return { kind: isPage(lines) ? "text" : "list", lines };
}

function isPage(lines) {
  const odd = lines.filter((line) => {
    const words = line.split(/\s+/, MOST_WORDS + 1).length;
    return words < LEAST_WORDS || words > MOST_WORDS;
  });
  return lines.length >= FEWEST && ODD * odd.length >= lines.length;
}
