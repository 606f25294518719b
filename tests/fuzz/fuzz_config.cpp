// The configuration reader reads any bytes. It must report problems as sentences and never crash.
#include "config/reader.hpp"

#include <cstdint>
#include <map>

using namespace angod::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    Problems problems;
    const auto file = File::parse("f", text, problems);
    if (!file) return 0;
    Section root(*file, "", &file->root(), problems);
    std::string a, b;
    std::int64_t number = 0;
    bool flag = false;
    std::vector<std::string> texts;
    std::map<std::string, std::string> map;
    root.required_text("name", a);
    root.choice("level", a, {"debug", "info"});
    root.integer("drain_s", number, 0, 3600);
    root.flag("insecure", flag);
    root.texts("module_dirs", texts);
    root.text_map("env", map);
    root.object_text("settings", b);
    for (Section &plugin : root.sections("plugins")) {
        plugin.required_text("id", a);
        plugin.section("hub").finish();
        plugin.finish();
    }
    root.finish();
    return 0;
}
