// The plugin kinds of Hub, and the rules that depend on them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace angod {

/// The values are the bits of ANGO_KIND_… in ango/module.h, and stored.
enum class PluginKind : std::uint64_t {
    export_ = 1,
    model = 2,
    batch_model = 4,
    file_explorer = 8,
    markdown = 16,
    input = 32,
};

inline constexpr PluginKind kAllKinds[] = {PluginKind::export_,       PluginKind::model,    PluginKind::batch_model,
                                           PluginKind::file_explorer, PluginKind::markdown, PluginKind::input};

/// The name in a configuration.
constexpr std::string_view name_of(PluginKind kind) {
    switch (kind) {
        case PluginKind::export_: return "export";
        case PluginKind::model: return "model";
        case PluginKind::batch_model: return "batch-model";
        case PluginKind::file_explorer: return "file-explorer";
        case PluginKind::markdown: return "markdown";
        case PluginKind::input: return "input";
    }
    return "";
}

constexpr std::optional<PluginKind> kind_of(std::string_view name) {
    for (const PluginKind kind : kAllKinds)
        if (name_of(kind) == name) return kind;
    return std::nullopt;
}

/// Properties of an event that its kind leaves open.
struct EventFlags {
    bool workflow = false; ///< Model: run by a workflow stage; no user waits for an answer
    bool upload = false;   ///< File Explorer: import, do not browse
};

/// Whether a run changes something outside. Such a run waits until it is recorded, and a repeated event gets the recorded answer.
/// For a run without effects a user is waiting.
constexpr bool has_effects(PluginKind kind, EventFlags flags) {
    switch (kind) {
        case PluginKind::input: return false;
        case PluginKind::model: return flags.workflow;
        case PluginKind::file_explorer: return flags.upload;
        default: return true;
    }
}

} // namespace angod
