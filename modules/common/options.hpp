// The options of a run: the run's configJSON over the plugin's "settings". Every problem is one sentence that
// names the option, what was given and what is allowed; a name nobody knows is a warning with the nearest one.
#pragma once

#include "json.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ango::convert {

/// Reads each option once, by name; in the end unknown_names() says what nobody asked for.
/// All getters throw ango::Failure for a wrong type or a value that is not allowed. A null counts as not given.
class Options {
public:
    /// Both are JSON objects as text. Throws ango::Failure if one is not. settings may be empty.
    Options(std::string_view settings, std::string_view config);

    bool flag(std::string_view name, bool otherwise);
    /// Within [least, most].
    std::uint64_t whole(std::string_view name, std::uint64_t otherwise, std::uint64_t least, std::uint64_t most);
    double number(std::string_view name, double otherwise, double least, double most);
    std::string text(std::string_view name, std::string_view otherwise);
    /// A path of this machine: from the plugin's settings only, which the operator writes. Throws if the run gives
    /// it: who starts a run in Hub has no say over what is read here.
    std::string folder(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    /// Index of the word in choices.
    std::size_t choice(std::string_view name, std::initializer_list<std::string_view> choices,
                       std::size_t otherwise = 0);
    /// The value itself, null if not given; valid as long as this object.
    const Json *object(std::string_view name);
    /// The same of any type: the caller checks it.
    const Json *value(std::string_view name) { return get(name); }
    /// Whether it is given at all.
    bool given(std::string_view name) { return get(name) != nullptr; }

    /// One sentence for each name that no getter was called with, up to 20, and one that counts the others: call when
    /// all options have been read.
    std::vector<std::string> unknown_names() const;

    /// Throws: "Option "holes" is 5, but must be one of ...".
    [[noreturn]] static void refuse(std::string_view name, const Json &value, std::string_view allowed);

private:
    const Json *get(std::string_view name);

    JsonParser settings_parser_, config_parser_;
    const Json *settings_ = nullptr;
    const Json *config_ = nullptr;
    std::vector<std::string> known_;
};

/// The candidate nearest to name, empty if none is near: at most a third of its letters wrong.
std::string_view nearest_name(std::string_view name, const std::vector<std::string> &candidates);

} // namespace ango::convert
