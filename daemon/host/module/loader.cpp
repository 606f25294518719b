// Every check comes before the call that relies on it: a complete ELF file, the entry point, the version of the
// interface, the size of each struct, the required services, the tables of the kinds. So a file that is no module, or a
// module that is too new or broken, gives an error with a reason and does not crash the host. Runs on the first thread.
#include "host/module/loader.hpp"

#include "base/crash_report.hpp"
#include "base/json.hpp"
#include "host/module/call_module.hpp"
#include "host/module/least_size.hpp"
#include "host/module/library_file.hpp"
#include "host/module/services.hpp"

#include <boost/dll/shared_library.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <list>

namespace angod::host {

namespace {

std::string_view view(const ango_str &text) {
    return text.size ? std::string_view(text.data, static_cast<std::size_t>(text.size)) : std::string_view();
}

std::string version_text(std::uint32_t abi) { return fmt::format("{}.{}", abi >> 16, abi & 0xffff); }

Error refuse(const std::filesystem::path &path, std::string why) {
    return error(Code::invalid, fmt::format("{}: {}", path.filename().string(), std::move(why)));
}

bool good_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// Extracts the text of the system's loader from Boost's text, which adds the path and an unrelated errno.
std::string loader_text(const std::filesystem::path &path, std::string_view what) {
    constexpr std::string_view kMark = "dlerror system message: ";
    const std::size_t from = what.find(kMark);
    if (from == std::string_view::npos) return std::string(what);
    what = what.substr(from + kMark.size());
    what = what.substr(0, what.rfind("): "));
    const std::string prefix = path.string() + ": ";
    if (what.starts_with(prefix)) what.remove_prefix(prefix.size());
    return std::string(what);
}

Result<ango_module_entry_fn> find_entry(const std::filesystem::path &path) {
    if (const auto whole = check_library_file(path); !whole) return refuse(path, whole.error().text);
    std::error_code unknown;
    report_crashes_of(std::filesystem::canonical(path, unknown).string().c_str());
    try {
        // Never destroyed, not even if a module calls exit: see load_module.
        static auto &loaded = *new std::list<boost::dll::shared_library>;
        const auto &library =
            loaded.emplace_back(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        if (!library.has("ango_module_entry"))
            return refuse(path, "it does not export ango_module_entry; is it an angod module?");
        return &library.get<const ango_module *(std::uint32_t)>("ango_module_entry");
    } catch (const std::exception &e) {
        return refuse(path, fmt::format("it cannot be loaded: {}", loader_text(path, e.what())));
    }
}

/// Whether the descriptor has everything that interface 1.0 requires.
bool complete(const ango_module &module) {
    if (module.struct_size < least_size<ango_module> || !module.create || !module.destroy || !module.table)
        return false;
    if (module.requirement_count > 0 && !module.requirements) return false;
    for (std::uint64_t i = 0; i < module.requirement_count; ++i)
        if (const ango_requirement *wish = module.requirements[i];
            !wish || wish->struct_size < least_size<ango_requirement>)
            return false;
    return true;
}

/// Stores the table of a kind in `where` if the module says that it serves the kind.
template <class Table>
Result<void> find_table(const ango_module &module, PluginKind kind, std::string_view name, const Table *&where,
                        std::vector<PluginKind> &kinds) {
    if ((module.kinds & static_cast<std::uint64_t>(kind)) == 0) return {};
    const ango_str text{name.data(), name.size()};
    const auto given = call_module("table", [&] { return module.table(&text, 1); });
    if (!given) return given.error();
    const auto *table = static_cast<const Table *>(*given);
    if (!table && module.abi > ANGO_ABI)
        return error(Code::invalid,
                     fmt::format("it was built for interface {} and serves \"{}\" in a way that this angod, with {}, "
                                 "does not know; update angod",
                                 version_text(module.abi), name, version_text(ANGO_ABI)));
    if (!table) return error(Code::invalid, fmt::format("it says that it serves \"{}\" but has no table for it", name));
    if (table->struct_size < least_size<Table>)
        return error(Code::invalid, fmt::format("its table for \"{}\" is too short", name));
    where = table;
    kinds.push_back(kind);
    return {};
}

Result<void> incomplete(std::string_view table, std::string_view function) {
    return error(Code::invalid, fmt::format("its table for \"{}\" has no {}", table, function));
}

Result<void> find_tables(const ango_module &m, LoadedModule &module) {
    auto &kinds = module.kinds;
    auto found = find_table(m, PluginKind::export_, "ango.export", module.export_table, kinds);
    if (found) found = find_table(m, PluginKind::model, "ango.model", module.model_table, kinds);
    if (found) found = find_table(m, PluginKind::batch_model, "ango.model", module.model_table, kinds);
    if (found)
        found = find_table(m, PluginKind::file_explorer, "ango.file-explorer", module.file_explorer_table, kinds);
    if (found) found = find_table(m, PluginKind::markdown, "ango.markdown", module.markdown_table, kinds);
    if (found) found = find_table(m, PluginKind::input, "ango.input", module.input_table, kinds);
    if (!found) return found;
    if (module.export_table && !module.export_table->convert) return incomplete("ango.export", "convert");
    if (module.model_table && !module.model_table->predict) return incomplete("ango.model", "predict");
    if (module.file_explorer_table && !module.file_explorer_table->list)
        return incomplete("ango.file-explorer", "list");
    if (module.markdown_table && !module.markdown_table->row) return incomplete("ango.markdown", "row");
    if (module.input_table && !module.input_table->answer) return incomplete("ango.input", "answer");
    return {};
}

Result<void> check_requirements(const ango_module &module) {
    std::vector<std::string> missing;
    for (std::uint64_t i = 0; i < module.requirement_count; ++i) {
        const ango_requirement &wish = *module.requirements[i];
        if (wish.optional || find_service(view(wish.name), wish.revision)) continue;
        const std::uint32_t last = last_revision(view(wish.name));
        missing.push_back(fmt::format("{} (revision {}{})", view(wish.name), wish.revision,
                                      last > 0 ? fmt::format("; angod has {}", last) : ""));
    }
    if (missing.empty()) return {};
    return error(Code::invalid, fmt::format("it needs services that this angod does not have: {}; update angod",
                                            fmt::join(missing, ", ")));
}

} // namespace

Result<LoadedModule> load_module(const std::filesystem::path &path) {
    const auto entry = find_entry(path);
    if (!entry) return entry.error();
    const auto said = call_module("entry", [&] { return (*entry)(ANGO_ABI); });
    if (!said) return refuse(path, said.error().text);
    const ango_module *descriptor = *said;
    if (!descriptor)
        return refuse(path,
                      fmt::format("the module says that it cannot work with interface {}", version_text(ANGO_ABI)));
    const ango_module &m = *descriptor;
    if (m.abi >> 16 != ANGO_ABI_MAJOR)
        return refuse(
            path,
            fmt::format("it was built for interface {}, this angod has {}; build it again with this angod's headers",
                        version_text(m.abi), version_text(ANGO_ABI)));
    if (!complete(m)) return refuse(path, "its descriptor is incomplete");
    LoadedModule module;
    module.descriptor = descriptor;
    module.id = view(m.id);
    module.name = m.name.size ? view(m.name) : module.id;
    module.version = m.version.size ? view(m.version) : "0";
    module.summary = view(m.summary);
    module.concurrent = (m.flags & ANGO_MODULE_CONCURRENT) != 0;
    if (!good_id(module.id)) return refuse(path, "its id is not made of 1 to 64 of a-z, 0-9 and '-'");
    if (const auto good = check_requirements(m); !good) return refuse(path, good.error().text);
    if (const auto found = find_tables(m, module); !found) return refuse(path, found.error().text);
    if (module.kinds.empty())
        return refuse(path, fmt::format("it serves no plugin kind that this angod knows (kinds {:#x})", m.kinds));
    return module;
}

std::string descriptor_json(const LoadedModule &module, std::string_view more) {
    std::vector<std::string> kinds, needs;
    for (const PluginKind kind : module.kinds) kinds.push_back(json::quote(name_of(kind)));
    for (std::uint64_t i = 0; i < module.descriptor->requirement_count; ++i) {
        const ango_requirement &wish = *module.descriptor->requirements[i];
        needs.push_back(fmt::format(R"({{"service":{},"revision":{},"optional":{}}})", json::quote(view(wish.name)),
                                    wish.revision, wish.optional != 0));
    }
    return fmt::format(
        R"({{"id":{},"name":{},"version":{},"summary":{},"abi":"{}","kinds":[{}],"concurrent":{},"requires":[{}]{}}})",
        json::quote(module.id), json::quote(module.name), json::quote(module.version), json::quote(module.summary),
        version_text(module.descriptor->abi), fmt::join(kinds, ","), module.concurrent, fmt::join(needs, ","), more);
}

} // namespace angod::host
