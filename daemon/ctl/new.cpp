// The files of a new module are templates inside the program, in which a few words are replaced. A plan for each kind names its
// files and the options for its first run. If a file cannot be written, the folder is removed again.
//
// Thread: the only one of angoctl.
#include "ctl/new.hpp"

#include "base/files.hpp"
#include "base/result.hpp"
#include "ctl/exit_codes.hpp"
#include "host_protocol/kind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace angod::ctl {

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::pair<std::string_view, std::string>>;

struct Made {
    const char *from; ///< in the templates
    const char *to;
};

struct Plan {
    std::vector<Made> files;
    const char *run;   ///< the arguments of angoctl run
    const char *shows; ///< the result of the run, as a sentence
};

Plan plan_of(PluginKind kind) {
    Plan plan;
    switch (kind) {
        case PluginKind::export_:
            plan = {{{"export/module.cpp", "module-id.cpp"},
                     {"export/event.json", "event.json"},
                     {"export/export.ndjson", "export.ndjson"}},
                    "--event event.json --export export.ndjson --out out",
                    "The answer is the path of a zip in the folder out, with the records of export.ndjson."};
            break;
        case PluginKind::model:
            plan = {{{"model/module.cpp", "module-id.cpp"}, {"model/event.json", "event.json"}},
                    "--kind model --event event.json",
                    "The answer is the labels of the asset: one box of the class that event.json maps."};
            break;
        case PluginKind::batch_model:
            plan = {{{"model/module.cpp", "module-id.cpp"},
                     {"batch-model/event.json", "event.json"},
                     {"export/export.ndjson", "export.ndjson"}},
                    "--kind batch-model --event event.json --export export.ndjson --out out",
                    "The answer counts the labelled assets; their labels are in out/labels.ndjson."};
            break;
        case PluginKind::file_explorer:
            plan = {{{"file-explorer/module.cpp", "module-id.cpp"}, {"file-explorer/event.json", "event.json"}},
                    "--event event.json",
                    "The answer is the first page of the root folder, as Hub shows it."};
            break;
        case PluginKind::markdown:
            plan = {{{"markdown/module.cpp", "module-id.cpp"},
                     {"markdown/event.json", "event.json"},
                     {"markdown/rows.csv", "rows.csv"}},
                    "--event event.json --input rows.csv --out out",
                    "The answer counts the assets made of the rows; the assets are in out/assets.ndjson."};
            break;
        case PluginKind::input:
            plan = {{{"input/module.cpp", "module-id.cpp"}, {"input/event.json", "event.json"}},
                    "--event event.json",
                    "The answer is the options of the run, from configJSON in event.json."};
            break;
    }
    for (const Made &file : {Made{"all/CMakeLists.txt", "CMakeLists.txt"}, Made{"all/README.md", "README.md"},
                             Made{"all/gitignore", ".gitignore"}})
        plan.files.push_back(file);
    return plan;
}

std::string_view template_text(std::string_view path) {
    for (const TemplateFile &file : template_files())
        if (file.path == path) return file.text;
    throw std::logic_error("no template " + std::string(path));
}

std::string filled_in(std::string_view text, const Words &words) {
    std::string out(text);
    for (const auto &[word, value] : words)
        for (std::size_t at = out.find(word); at != out.npos; at = out.find(word, at + value.size()))
            out.replace(at, word.size(), value);
    return out;
}

/// The rules for the id of a module; CMake would take a first '-' for an option.
bool is_good_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !name.empty() && name.size() <= 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), fits);
}

bool is_kept_by_cmake(std::string_view name) {
    constexpr std::string_view kTargets[] = {"all", "clean", "depend", "help", "install", "package", "test"};
    return std::find(std::begin(kTargets), std::end(kTargets), name) != std::end(kTargets);
}

/// "my-lines" → "MyLines"
std::string class_name(std::string_view name) {
    std::string out;
    bool first = true;
    for (const char c : name) {
        if (c != '-') out += first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        first = c == '-';
    }
    return out.front() >= '0' && out.front() <= '9' ? "Module" + out : out;
}

/// A path in the syntax of a shell.
std::string quoted(const std::string &path) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+").find(c) != std::string_view::npos;
    };
    if (std::all_of(path.begin(), path.end(), is_plain)) return path;
    return "'" + filled_in(path, {{"'", R"('\'')"}}) + "'";
}

Result<void> write(const fs::path &path, std::string_view text) {
    std::ofstream out(path, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) return error(Code::io, fmt::format("cannot write {}: {}", path.string(), files::system_error()));
    return {};
}

int refuse(int code, const std::string &why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return code;
}

} // namespace

int new_module(const std::string &kind_name, const std::string &name, const fs::path &dir, const fs::path &prefix) {
    const auto kind = kind_of(kind_name);
    if (!kind) {
        std::vector<std::string_view> names;
        for (const PluginKind known : kAllKinds) names.push_back(name_of(known));
        return refuse(kUsage,
                      fmt::format("there is no plugin kind {}; the kinds are {}", kind_name, fmt::join(names, ", ")));
    }
    if (!is_good_name(name))
        return refuse(kUsage, fmt::format("{} cannot be a module's name: it must be made of 1 to 64 of a-z, 0-9 and "
                                          "'-', and not begin with '-'",
                                          name.empty() ? "an empty text" : name));
    if (is_kept_by_cmake(name))
        return refuse(kUsage, fmt::format("{} cannot be a module's name: CMake has a target of that name", name));
    const fs::path folder = (dir / name).lexically_normal();
    std::error_code failed;
    fs::create_directories(dir, failed);
    if (fs::exists(fs::symlink_status(folder, failed)))
        return refuse(kFailure, fmt::format("{} is there already; choose another name or folder", folder.string()));
    if (!fs::create_directory(folder, failed))
        return refuse(kFailure, fmt::format("cannot make the folder {}: {}", folder.string(), failed.message()));

    const bool installed = prefix == "/usr" || prefix == "/usr/local";
    const std::string angoctl = installed ? "angoctl" : quoted((prefix / "bin/angoctl").string());
    const std::string find = installed ? "" : fmt::format("-DCMAKE_PREFIX_PATH={} ", quoted(prefix.string()));
    const Plan plan = plan_of(*kind);
    const Words words{{"@FIND@", find},        {"@ANGOCTL@", angoctl}, {"@RUN@", plan.run},
                      {"@SHOWS@", plan.shows}, {"@KIND@", kind_name},  {"ModuleClass", class_name(name)},
                      {"module-id", name}};
    for (const Made &file : plan.files)
        if (const auto written = write(folder / filled_in(file.to, words), filled_in(template_text(file.from), words));
            !written) {
            files::remove_all(folder);
            return refuse(kFailure, written.error().text);
        }
    std::printf("%s", filled_in(template_text("all/next.txt"), {{"@FOLDER@", quoted(folder.string())},
                                                                {"@FIND@", find},
                                                                {"@ANGOCTL@", angoctl},
                                                                {"@RUN@", plan.run},
                                                                {"@SHOWS@", plan.shows},
                                                                {"@SHOWS@", plan.shows},
                                                                {"module-id", name}})
                          .c_str());
    return 0;
}

} // namespace angod::ctl
