#include "parsed.hpp"

#include "common/text.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

using ango::common::Json;

namespace {

void append(std::string &out, const Json &value) {
    const char *separator = "";
    if (value.IsNull())
        out += "null";
    else if (value.IsBool())
        out += value.GetBool() ? "true" : "false";
    else if (value.IsString())
        ango::common::append_json_string(out, ango::common::text_of(&value));
    else if (value.IsNumber()) {
        char buffer[40];
        out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value.GetDouble()).ptr);
    } else if (value.IsArray()) {
        out += '[';
        for (const Json &one : value.GetArray()) {
            out += separator;
            append(out, one);
            separator = ",";
        }
        out += ']';
    } else {
        out += '{';
        for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member) {
            out += separator;
            append(out, member->name);
            out += ':';
            append(out, member->value);
            separator = ",";
        }
        out += '}';
    }
}

} // namespace

const Json *Parsed::at(std::string_view path) const {
    const Json *value = root_;
    while (value && !path.empty()) {
        const std::string_view step = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), step.size() + 1));
        if (!value->IsArray()) {
            value = ango::common::find(value, step);
            continue;
        }
        unsigned index = 0;
        const bool is_index = std::from_chars(step.data(), step.data() + step.size(), index).ec == std::errc();
        value = is_index && index < value->Size() ? &(*value)[index] : nullptr;
    }
    return value;
}

std::string Parsed::text(std::string_view path) const {
    std::string out;
    if (const Json *value = at(path)) append(out, *value);
    return out;
}

double Parsed::number(std::string_view path) const {
    const Json *value = at(path);
    if (!value || !value->IsNumber()) throw std::runtime_error("no number at " + std::string(path));
    return value->GetDouble();
}

std::size_t Parsed::size(std::string_view path) const {
    const Json *value = at(path);
    if (!value || !value->IsArray()) throw std::runtime_error("no list at " + std::string(path));
    return value->Size();
}
