#include "ctl/output.hpp"

#include <cstdio>
#include <string>
#include <unistd.h>

namespace angod::ctl {

void print_out(std::string_view text) {
    static const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    std::string safe;
    while (is_terminal && !text.empty()) {
        const std::size_t end = text.find('\n');
        safe += printable(text.substr(0, end));
        if (end == std::string_view::npos) break;
        safe += '\n';
        text.remove_prefix(end + 1);
    }
    const std::string_view out = is_terminal ? std::string_view(safe) : text;
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

int complain(std::string_view sentence, int code) {
    std::fprintf(stderr, "%s\n", printable(sentence).c_str());
    return code;
}

} // namespace angod::ctl
