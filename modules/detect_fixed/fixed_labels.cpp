// Two halves: options are read into FixedLabels, with an exact message for every mistake ("Option boxes[2].width is 0,
// but must be ..."), and FixedLabels are written as JSON, once as labels with the schemaIds of the project, once as the
// description of the module with the names of its classes.
#include "detect_fixed/fixed_labels.hpp"

#include "common/names.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <optional>

namespace ango::detect_fixed {

using namespace common;

namespace {

constexpr std::size_t kMostEntries = 1000;

[[noreturn]] void refuse(const std::string &place, const std::string &problem) {
    throw Failure("Option " + place + " " + problem + ".");
}

/// "boxes[2].x", counted from 1 for people.
std::string place_of(std::string_view list, std::size_t index, std::string_view member = {}) {
    std::string place = std::string(list) + "[" + std::to_string(index + 1) + "]";
    return member.empty() ? place : place + "." + std::string(member);
}

void check_members(const Json &entry, const std::string &place, std::initializer_list<std::string_view> known) {
    if (!entry.IsObject()) refuse(place, "is " + brief_json(entry) + ", but must be an object");
    for (const auto &member : entry.GetObject()) {
        const std::string_view name = text_of(&member.name);
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        std::string allowed;
        for (const std::string_view one : known) allowed += (allowed.empty() ? "" : ", ") + std::string(one);
        refuse(place, "has an unknown member \"" + std::string(name) + "\"; it may have " + allowed);
    }
}

std::string text_member(const Json &entry, std::string_view name, const std::string &place) {
    const Json *value = find(&entry, name);
    if (!value) refuse(place, "is missing");
    if (!value->IsString() || value->GetStringLength() == 0)
        refuse(place, "is " + brief_json(*value) + ", but must be a text");
    return std::string(text_of(value));
}

double number_member(const Json &entry, std::string_view name, const std::string &place, bool positive) {
    const Json *value = find(&entry, name);
    if (!value) refuse(place, "is missing");
    const std::optional<double> number = finite_number(value);
    if (!number || (positive && *number <= 0))
        refuse(place, "is " + brief_json(*value) + ", but must be a number" + (positive ? " greater than 0" : ""));
    return *number;
}

/// The list; null if it is not given.
const Json *list_of(const Json *value, const std::string &place) {
    if (!value || value->IsNull()) return nullptr;
    if (!value->IsArray()) refuse(place, "is " + brief_json(*value) + ", but must be a list");
    if (value->Size() > kMostEntries)
        refuse(place, "has " + std::to_string(value->Size()) + " entries, more than " + std::to_string(kMostEntries));
    return value;
}

std::vector<Answer> read_answers(const Json *value, const std::string &place) {
    std::vector<Answer> answers;
    const Json *list = list_of(value, place);
    for (std::size_t i = 0; list && i < list->Size(); ++i) {
        const Json &entry = (*list)[static_cast<unsigned>(i)];
        check_members(entry, place_of(place, i), {"class", "answer"});
        answers.push_back({text_member(entry, "class", place_of(place, i, "class")),
                           text_member(entry, "answer", place_of(place, i, "answer"))});
    }
    return answers;
}

Box read_box(const Json &entry, const std::string &place) {
    check_members(entry, place, {"class", "x", "y", "width", "height", "page", "classifications"});
    Box box;
    box.class_name = text_member(entry, "class", place + ".class");
    box.x = number_member(entry, "x", place + ".x", false);
    box.y = number_member(entry, "y", place + ".y", false);
    box.width = number_member(entry, "width", place + ".width", true);
    box.height = number_member(entry, "height", place + ".height", true);
    if (const Json *page = find(&entry, "page"); page && !page->IsNull()) {
        const auto number = whole_number(page);
        if (!number) refuse(place + ".page", "is " + brief_json(*page) + ", but must be a whole number from 0 on");
        box.page = *number;
    }
    box.answers = read_answers(find(&entry, "classifications"), place + ".classifications");
    return box;
}

void member(std::string &out, std::string_view name) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
}

void text(std::string &out, std::string_view name, std::string_view value) {
    member(out, name);
    append_json_string(out, value);
}

void number(std::string &out, std::string_view name, double value) {
    member(out, name);
    append_rounded(out, value, 6);
}

/// write appends the members of an element and returns whether the element is wanted.
template <class List, class Write>
void list(std::string &out, std::string_view name, const List &values, const Write &write) {
    member(out, name);
    out += '[';
    bool first = true;
    for (const auto &value : values) {
        std::string element = "{";
        if (!write(element, value)) continue;
        out += (first ? "" : ",") + element + "}";
        first = false;
    }
    out += ']';
}

void rectangle(std::string &out, const Box &box) {
    number(out, "x", box.x);
    number(out, "y", box.y);
    number(out, "width", box.width);
    number(out, "height", box.height);
}

} // namespace

FixedLabels read_fixed_labels(Options &options) {
    FixedLabels labels;
    const Json *boxes = list_of(options.value("boxes"), "boxes");
    for (std::size_t i = 0; boxes && i < boxes->Size(); ++i)
        labels.boxes.push_back(read_box((*boxes)[static_cast<unsigned>(i)], place_of("boxes", i)));
    labels.answers = read_answers(options.value("classifications"), "classifications");
    return labels;
}

std::vector<std::string> add_alike(const std::vector<std::string> &classes, Mapping &mapping) {
    std::vector<std::string> sentences;
    NameIndex names;
    for (const auto &each : mapping) names.add(each.first);
    for (const std::string &name : classes) {
        const auto found = names.find(name);
        if (!found || !found->difference) continue;
        const std::string &mapped = names[found->index];
        if (*found->difference == Difference::letter_case)
            sentences.push_back("The class " + quote(mapped) + ", which is mapped to the project, differs from " +
                                quote(name) + " only " + std::string(said(*found->difference)) + ".");
        else
            mapping[name] = mapping.find(mapped)->second;
    }
    return sentences;
}

Mapping read_mapping(std::string_view json) {
    JsonParser parser;
    const Json *value = parser.parse(json);
    if (!value) throw Failure("The mapping of classes that Hub sent cannot be read: " + parser.error() + ".");
    Mapping mapping;
    if (const Json *list = array_or_null(value))
        for (const Json &entry : list->GetArray()) {
            const std::string_view schema = text_of(find(&entry, "schemaId")),
                                   name = text_of(find(&entry, "modelClass"));
            if (!schema.empty() && !name.empty()) mapping[std::string(name)] = schema;
        }
    return mapping;
}

std::vector<std::string> classes_of(const FixedLabels &labels) {
    std::vector<std::string> names;
    const auto add = [&](const std::string &name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (const Box &box : labels.boxes) {
        add(box.class_name);
        for (const Answer &answer : box.answers) add(answer.class_name);
    }
    for (const Answer &answer : labels.answers) add(answer.class_name);
    return names;
}

std::string labels_json(const FixedLabels &labels, const Mapping &mapping) {
    const auto schema = [&](std::string &out, const std::string &class_name) {
        const auto found = mapping.find(class_name);
        if (found == mapping.end()) return false;
        text(out, "schemaId", found->second);
        return true;
    };
    const auto write_answer = [&](std::string &out, const Answer &answer) {
        if (!schema(out, answer.class_name)) return false;
        text(out, "answer", answer.text);
        return true;
    };
    const auto write_box = [&](std::string &out, const Box &box) {
        if (!schema(out, box.class_name)) return false;
        member(out, "bounding-box");
        std::string corners = "{";
        rectangle(corners, box);
        out += corners + "}";
        if (box.page > 0) number(out, "page", static_cast<double>(box.page));
        list(out, "classifications", box.answers, write_answer);
        return true;
    };
    std::string out = "{";
    list(out, "objects", labels.boxes, write_box);
    list(out, "classifications", labels.answers, write_answer);
    return out + R"(,"relations":[]})";
}

std::string description_json(const FixedLabels &labels) {
    const auto write_answer = [](std::string &out, const Answer &answer) {
        text(out, "class", answer.class_name);
        text(out, "answer", answer.text);
        return true;
    };
    const auto write_box = [&](std::string &out, const Box &box) {
        text(out, "class", box.class_name);
        rectangle(out, box);
        if (box.page > 0) number(out, "page", static_cast<double>(box.page));
        if (!box.answers.empty()) list(out, "classifications", box.answers, write_answer);
        return true;
    };
    std::string out = R"({"classes":[)";
    for (const std::string &name : classes_of(labels)) {
        if (out.back() != '[') out += ',';
        append_json_string(out, name);
    }
    out += R"(],"config":)";
    std::string config = "{";
    list(config, "boxes", labels.boxes, write_box);
    list(config, "classifications", labels.answers, write_answer);
    return out + config + "}}";
}

} // namespace ango::detect_fixed
