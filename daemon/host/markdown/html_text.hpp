// Text that was escaped for HTML.
#pragma once

#include <string>
#include <string_view>

namespace angod::host {

/// Replaces &lt; &gt; &amp; &quot; &apos; &nbsp; and numeric references by their characters, once and in one pass.
/// Other references stay; a program that shows the text as HTML resolves them.
std::string html_unescaped(std::string_view text);

} // namespace angod::host
