// Both texts are parsed once and kept as trees. A getter looks its name up in the run's options first, then in the
// settings, and remembers it as known. So in the end every other name that is left in the texts is unknown.
//
// Messages name the option, the given value and the allowed values, because a user of Hub reads them.
#include "common/options.hpp"

#include "common/names.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <cmath>

namespace ango::common {

namespace {

constexpr std::size_t kNamedUnknown = 20; // a configuration for another program has any number of them

const Json *parse_object(JsonParser &parser, std::string_view text, std::string_view what) {
    const Json *value = parser.parse(text.empty() ? "{}" : text);
    if (!value)
        throw Failure("The " + std::string(what) + " are not valid JSON: " + parser.error() + " at byte " +
                      std::to_string(parser.error_offset()) + ".");
    if (!value->IsObject()) throw Failure("The " + std::string(what) + " must be a JSON object.");
    return value;
}

std::string decimal(double value) {
    std::string out;
    append_rounded(out, value, 6);
    return out;
}

/// Levenshtein distance; both are short.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

} // namespace

std::string_view nearest_name(std::string_view name, const std::vector<std::string> &candidates) {
    constexpr std::size_t kLongest = 64; // names come from users; no option is near to a longer one
    if (name.size() > kLongest) return {};
    const std::string lower = ascii_lower(name);
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string &candidate : candidates) {
        const std::size_t d = distance(lower, candidate);
        if (d < best_distance) {
            best = candidate;
            best_distance = d;
        }
    }
    return best;
}

Options::Options(std::string_view settings, std::string_view config)
    : settings_(parse_object(settings_parser_, settings, "plugin's settings")),
      config_(parse_object(config_parser_, config, "options of this run")) {}

void Options::refuse(std::string_view name, const Json &value, std::string_view allowed) {
    std::string visible;
    append_visible(visible, brief_json(value));
    throw Failure("Option " + quote(name) + " is " + visible + ", but must be " + std::string(allowed) + ".");
}

const Json *Options::get(std::string_view name) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
    for (const Json *source : {config_, settings_})
        if (const Json *value = find(source, name); value && !value->IsNull()) return value;
    return nullptr;
}

bool Options::flag(std::string_view name, bool otherwise) {
    const Json *value = get(name);
    if (!value) return otherwise;
    if (!value->IsBool()) refuse(name, *value, "true or false");
    return value->GetBool();
}

std::uint64_t Options::whole(std::string_view name, std::uint64_t otherwise, std::uint64_t least, std::uint64_t most) {
    const Json *value = get(name);
    if (!value) return otherwise;
    const std::optional<std::uint64_t> number = whole_number(value);
    if (!number || *number < least || *number > most)
        refuse(name, *value, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return *number;
}

double Options::number(std::string_view name, double otherwise, double least, double most) {
    const Json *value = get(name);
    if (!value) return otherwise;
    const std::optional<double> number = finite_number(value);
    if (!number || *number < least || *number > most)
        refuse(name, *value, "a number from " + decimal(least) + " to " + decimal(most));
    return *number;
}

std::string Options::text(std::string_view name, std::string_view otherwise) {
    const Json *value = get(name);
    if (!value) return std::string(otherwise);
    if (!value->IsString()) refuse(name, *value, "a text");
    return std::string(text_of(value));
}

std::string Options::folder(std::string_view name) {
    if (const Json *value = find(config_, name); value && !value->IsNull())
        throw Failure("Option " + quote(name) +
                      " is a folder of the machine that runs the plugin, so only the plugin's settings can set it.");
    return text(name, {});
}

std::vector<std::string> Options::texts(std::string_view name) {
    std::vector<std::string> list;
    const Json *value = get(name);
    if (!value) return list;
    if (!value->IsArray()) refuse(name, *value, "a list of texts");
    for (const Json &one : value->GetArray()) {
        if (!one.IsString())
            throw Failure("Option " + quote(name) + " holds " + brief_json(one) + ", but must be a list of texts.");
        list.emplace_back(text_of(&one));
    }
    return list;
}

std::size_t Options::choice(std::string_view name, std::initializer_list<std::string_view> choices,
                            std::size_t otherwise) {
    const Json *value = get(name);
    if (!value) return otherwise;
    const auto found = std::find(choices.begin(), choices.end(),
                                 value->IsString() ? without_blanks(text_of(value)) : std::string_view());
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    std::string allowed = choices.size() > 2 ? "one of " : "";
    for (const std::string_view &one : choices) {
        if (&one != choices.begin()) allowed += &one + 1 == choices.end() ? " or " : ", ";
        allowed += quote(one);
    }
    refuse(name, *value, allowed);
}

const Json *Options::object(std::string_view name) {
    const Json *value = get(name);
    if (value && !value->IsObject()) refuse(name, *value, "an object");
    return value;
}

std::vector<std::string> Options::unknown_names() const {
    std::vector<std::string> sentences;
    std::size_t more = 0;
    for (const Json *source : {config_, settings_}) {
        for (auto member = source->MemberBegin(); member != source->MemberEnd(); ++member) {
            const std::string_view name = text_of(&member->name);
            if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
            if (sentences.size() == kNamedUnknown) {
                ++more;
                continue;
            }
            const std::string_view near = nearest_name(name, known_);
            std::string sentence = "Option " + quote(name.substr(0, 100)) +
                                   (source == config_ ? "" : " in the plugin's settings") +
                                   " is unknown and has no effect";
            if (!near.empty())
                sentence += "; did you mean " + quote(near) + "?";
            else
                sentence += ".";
            sentences.push_back(std::move(sentence));
        }
    }
    if (more > 0) sentences.push_back(std::to_string(more) + " more options are unknown and have no effect.");
    return sentences;
}

} // namespace ango::common
