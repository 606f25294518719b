// The plugin kinds of Hub and what follows from each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace angod {

/// The values are the bits of ANGO_KIND_… in ango/module.h.
enum class PluginKind : std::uint64_t { export_ = 1, input = 32 };

inline constexpr PluginKind kAllKinds[] = {PluginKind::export_, PluginKind::input};

/// As a configuration names it.
constexpr std::string_view name_of(PluginKind kind) { return kind == PluginKind::export_ ? "export" : "input"; }

constexpr std::optional<PluginKind> kind_of(std::string_view name) {
    for (const PluginKind kind : kAllKinds)
        if (name_of(kind) == name) return kind;
    return std::nullopt;
}

/// A run changes something outside: it waits for its record, and a repeated event gets the recorded answer.
constexpr bool has_effects(PluginKind kind) { return kind != PluginKind::input; }

/// Somebody sits in front of it and waits.
constexpr bool interactive(PluginKind kind) { return kind == PluginKind::input; }

} // namespace angod
