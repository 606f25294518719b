// Text that was escaped for HTML.
#pragma once

#include <string>
#include <string_view>

namespace angod::host {

/// Undoes the escaping: &lt; &gt; &amp; &quot; &apos; &nbsp; and numbers, once and in one pass. Every other reference
/// stays as it is: whoever shows the text as HTML reads it then.
std::string html_unescaped(std::string_view text);

} // namespace angod::host
