// Labels stay JSON texts: the host reads only the members that it needs, so members of later versions pass unchanged.
// All functions are pure.
//
// Two sets of labels are compared by the ids of their objects, because Hub adds members of its own to them.
#include "host/model/model_answer.hpp"

#include "base/ids.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace angod::host {

namespace {

constexpr std::size_t kIdDigits = 24; // the length of Hub's own ids

Error malformed(const std::string &what) {
    return error(Code::invalid, fmt::format("The model's answer cannot be used: {}.", what));
}

std::string_view type_of(std::string_view token) {
    switch (token.empty() ? '\0' : token[0]) {
        case '{': return "an object";
        case '[': return "a list";
        case '"': return "a text";
        case 't':
        case 'f': return "true or false";
        case 'n': return "null";
        default: return "a number";
    }
}

Result<void> read_list(const json::Member &member, std::vector<std::string> &list) {
    if (!member.value.starts_with('['))
        return malformed(fmt::format("\"{}\" must be a list, but is {}", member.name, type_of(member.value)));
    const auto elements = json::elements(member.value);
    if (!elements) return malformed(elements.error().text);
    list.clear(); // if a member comes twice, the last counts
    for (const std::string_view element : *elements) {
        if (!element.starts_with('{'))
            return malformed(fmt::format("element {} of \"{}\" must be an object, but is {}", list.size() + 1,
                                         member.name, type_of(element)));
        list.emplace_back(element);
    }
    return {};
}

Result<void> read_url(const json::Member &member, std::string &url) {
    url.clear();
    if (member.value == "null") return {};
    const auto text = json::unquote(member.value);
    if (!text) return malformed(fmt::format("\"{}\" must be a text, but is {}", member.name, type_of(member.value)));
    url = *text;
    return {};
}

std::vector<std::string> objects_in(const json::Value *list) {
    std::vector<std::string> out;
    if (list && list->IsArray())
        for (const json::Value &element : list->GetArray())
            if (element.IsObject()) out.push_back(json::to_text(element));
    return out;
}

/// Returns a string member of a JSON object; empty if there is none.
std::string text_member(std::string_view object, std::string_view name) {
    const auto members = json::members(object);
    if (members)
        for (const json::Member &member : *members)
            if (member.name == name) return json::unquote(member.value).value_or("");
    return {};
}

std::string made_id(std::string_view seed, std::size_t place) {
    return to_hex(sha256(fmt::format("{}\n{}", seed, place))).substr(0, kIdDigits);
}

/// Whether the second object has all members of the first with equal values. It may have more.
bool says_the_same(const std::string &ours, const std::string &of_hub) {
    const auto a = json::parse(ours), b = json::parse(of_hub);
    if (!a || !b || !a->IsObject() || !b->IsObject()) return false;
    return std::all_of(a->MemberBegin(), a->MemberEnd(), [&](const auto &member) {
        const json::Value *other = json::find(*b, json::view(member.name));
        return other && *other == member.value;
    });
}

bool each_is_in(const std::vector<std::string> &ours, const std::vector<std::string> &of_hub) {
    return std::all_of(ours.begin(), ours.end(), [&](const std::string &one) {
        return std::any_of(of_hub.begin(), of_hub.end(),
                           [&](const std::string &other) { return says_the_same(one, other); });
    });
}

} // namespace

bool ModelAnswer::empty() const {
    return objects.empty() && classifications.empty() && relations.empty() && brush.empty() && medical_brush.empty() &&
           others.empty();
}

Result<ModelAnswer> read_model_answer(std::string_view text) {
    ModelAnswer answer;
    if (text.empty()) return answer;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != text.npos && text[first] != '{')
        return malformed(fmt::format("it must be an object with \"objects\", \"classifications\" and \"relations\", "
                                     "but is {}",
                                     type_of(text.substr(first))));
    const auto members = json::members(text);
    if (!members) return malformed(members.error().text);
    for (const json::Member &member : *members) {
        Result<void> read;
        if (member.name == "objects")
            read = read_list(member, answer.objects);
        else if (member.name == "classifications")
            read = read_list(member, answer.classifications);
        else if (member.name == "relations")
            read = read_list(member, answer.relations);
        else if (member.name == "brushDataUrl")
            read = read_url(member, answer.brush);
        else if (member.name == "medicalBrushDataUrl")
            read = read_url(member, answer.medical_brush);
        else
            answer.others.emplace_back(member.name, member.value);
        if (!read) return read.error();
    }
    return answer;
}

ModelAnswer answer_of_task(const json::Value &task) {
    ModelAnswer out;
    if (const json::Value *answer = json::find(task, "answer")) {
        out.objects = objects_in(json::find(*answer, "tools"));
        std::set<std::string> ids;
        for (const std::string &tool : out.objects) ids.insert(text_member(tool, "objectId"));
        for (std::string &object : objects_in(json::find(*answer, "objects"))) {
            const std::string id = text_member(object, "objectId");
            if (id.empty() || !ids.contains(id)) out.objects.push_back(std::move(object));
        }
        out.classifications = objects_in(json::find(*answer, "classifications"));
        out.relations = objects_in(json::find(*answer, "relations"));
    }
    out.brush = json::text_or(task, "brushDataUrl", "");
    out.medical_brush = json::text_or(task, "medicalBrushDataUrl", "");
    return out;
}

void merge_existing(ModelAnswer &answer, const ModelAnswer &existing) {
    std::set<std::string> questions;
    for (const std::string &one : answer.classifications) questions.insert(text_member(one, "schemaId"));
    questions.erase(""); // classifications that name no question
    const auto append = [](std::vector<std::string> &list, const std::vector<std::string> &behind) {
        list.insert(list.end(), behind.begin(), behind.end());
    };
    append(answer.objects, existing.objects);
    append(answer.relations, existing.relations);
    std::copy_if(existing.classifications.begin(), existing.classifications.end(),
                 std::back_inserter(answer.classifications),
                 [&](const std::string &one) { return !questions.contains(text_member(one, "schemaId")); });
}

void add_object_ids(ModelAnswer &answer, std::string_view seed) {
    for (std::size_t i = 0; i < answer.objects.size(); ++i) {
        std::string &object = answer.objects[i];
        if (!text_member(object, "objectId").empty()) continue;
        std::string named = fmt::format(R"({{"objectId":"{}")", made_id(seed, i));
        const auto members = json::members(object);
        if (!members) continue; // cannot happen: read_model_answer has parsed it
        for (const json::Member &member : *members)
            if (member.name != "objectId") named += fmt::format(",{}:{}", json::quote(member.name), member.value);
        object = named + "}";
    }
}

bool contains(const ModelAnswer &in_hub, const ModelAnswer &labels) {
    if (!labels.objects.empty()) {
        std::set<std::string> ids;
        for (const std::string &object : in_hub.objects) ids.insert(text_member(object, "objectId"));
        return std::all_of(labels.objects.begin(), labels.objects.end(),
                           [&](const std::string &object) { return ids.contains(text_member(object, "objectId")); });
    }
    return each_is_in(labels.classifications, in_hub.classifications) &&
           each_is_in(labels.relations, in_hub.relations) && (labels.brush.empty() || labels.brush == in_hub.brush) &&
           (labels.medical_brush.empty() || labels.medical_brush == in_hub.medical_brush);
}

std::string lists_text(const ModelAnswer &answer) {
    return fmt::format(R"("objects":[{}],"classifications":[{}],"relations":[{}])", fmt::join(answer.objects, ","),
                       fmt::join(answer.classifications, ","), fmt::join(answer.relations, ","));
}

std::string brushes_text(const ModelAnswer &answer) {
    std::string out;
    if (!answer.brush.empty()) out += R"(,"brushDataUrl":)" + json::quote(answer.brush);
    if (!answer.medical_brush.empty()) out += R"(,"medicalBrushDataUrl":)" + json::quote(answer.medical_brush);
    return out;
}

std::string both_brushes_text(const ModelAnswer &answer) {
    const auto token = [](const std::string &url) { return url.empty() ? std::string("null") : json::quote(url); };
    return fmt::format(R"(,"brushDataUrl":{},"medicalBrushDataUrl":{})", token(answer.brush),
                       token(answer.medical_brush));
}

std::string others_text(const ModelAnswer &answer) {
    std::string out;
    for (const auto &[name, value] : answer.others) out += fmt::format(",{}:{}", json::quote(name), value);
    return out;
}

} // namespace angod::host
