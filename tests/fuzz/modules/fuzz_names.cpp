// Names of any bytes: what is shown of them hides nothing, and two that look the same stay so when they are normalised again.
#include "common/names.hpp"
#include "common/text.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace ango::common;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char *>(data), size);
    const std::size_t half = std::min(all.find('\n'), all.size());
    const std::string_view a = all.substr(0, half), b = all.substr(std::min(half + 1, all.size()));

    const std::string_view inside = without_blanks(a);
    expect(without_blanks(inside) == inside);
    expect(a.find(inside) != std::string_view::npos);

    std::string shown;
    append_visible(shown, a);
    expect(shown.size() <= a.size() * 9 + 9);
    std::string again;
    append_visible(again, shown);
    expect(again == shown);
    for (const char c : shown) expect(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');

    if (a.size() <= 512) {
        const std::string look = look_of(a);
        expect(look.size() > 512 || look_of(look) == look);
        expect((difference(a, b) == Difference::invisible || difference(a, b) == Difference::normal_form || a == b) ==
               (look == look_of(b)));
    }
    NameIndex names;
    names.add(a);
    const auto found = names.find(b);
    expect((found && !found->difference) == (a == b));
    return 0;
}
