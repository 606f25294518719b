// The options of a run: the run's configJSON, with the plugin's "settings" as defaults. Every problem is one sentence
// that names the option, the value and the allowed values. An unknown name is a warning that suggests the nearest known
// name.
#pragma once

#include "common/json.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

/// Options are read by name; in the end unknown_names() lists the names that were never read. All getters throw
/// ango::Failure for a wrong type or a value that is not allowed. A null counts as not given. otherwise: the default.
class Options {
public:
    /// Both must be JSON objects as text, otherwise this throws ango::Failure. settings may be empty.
    Options(std::string_view settings, std::string_view config);

    bool flag(std::string_view name, bool otherwise);
    /// Within [least, most].
    std::uint64_t whole(std::string_view name, std::uint64_t otherwise, std::uint64_t least, std::uint64_t most);
    double number(std::string_view name, double otherwise, double least, double most);
    std::string text(std::string_view name, std::string_view otherwise);
    /// A path of this machine. Only the plugin's settings, which the operator writes, may give it; this throws if the
    /// run gives it, because a user of Hub must not decide which files of this machine are read.
    std::string folder(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    /// The index of the given word in choices.
    std::size_t choice(std::string_view name, std::initializer_list<std::string_view> choices,
                       std::size_t otherwise = 0);
    /// The value itself, null if not given; valid as long as this object.
    const Json *object(std::string_view name);
    /// The same for a value of any type; the caller checks it.
    const Json *value(std::string_view name) { return get(name); }
    /// Whether the option is given.
    bool given(std::string_view name) { return get(name) != nullptr; }

    /// One sentence for each of the first 20 names that were not read, and one that counts the others. Call it when all
    /// options have been read.
    std::vector<std::string> unknown_names() const;

    /// Throws a Failure: Option "holes" is 5, but must be <allowed>.
    [[noreturn]] static void refuse(std::string_view name, const Json &value, std::string_view allowed);

private:
    const Json *get(std::string_view name);

    JsonParser settings_parser_, config_parser_;
    const Json *settings_ = nullptr;
    const Json *config_ = nullptr;
    std::vector<std::string> known_;
};

/// The candidate nearest to name, with at most a third of its letters wrong; empty if none is near.
std::string_view nearest_name(std::string_view name, const std::vector<std::string> &candidates);

} // namespace ango::common
