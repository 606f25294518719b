#include "export_coco/attributes.hpp"

#include "common/classifications.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

#include <cmath>

namespace ango::export_coco {

using namespace common;

namespace {

bool is_scalar(const Json &value) {
    return value.IsString() || value.IsBool() || (value.IsNumber() && std::isfinite(value.GetDouble()));
}

void append_scalar(std::string &out, const Json &value) {
    if (value.IsString())
        append_json_string(out, text_of(&value));
    else if (value.IsBool())
        out += value.GetBool() ? "true" : "false";
    else
        append_rounded(out, value.GetDouble(), 6);
}

/// Appends the answer as JSON. False if there is none: absent, null, or only nulls.
bool append_answer(std::string &out, const Json *answer, bool &readable) {
    readable = true;
    if (!answer || answer->IsNull()) return false;
    if (is_scalar(*answer)) {
        append_scalar(out, *answer);
        return true;
    }
    if (!answer->IsArray()) return readable = false;
    out += '[';
    bool any = false;
    for (const Json &one : answer->GetArray()) {
        if (one.IsNull()) continue; // occurs in exports, and says nothing
        if (!is_scalar(one)) return readable = false;
        if (any) out += ',';
        any = true;
        append_scalar(out, one);
    }
    out += ']';
    return any || answer->Empty();
}

std::optional<std::uint64_t> page_of(const Json &classification) { return whole_number(find(&classification, "page")); }

} // namespace

void Attributes::append(std::string &out, const Json *list) {
    if (!list || list->Empty()) return;
    append_wanted(out, list, nullptr);
}

void Attributes::append_for_page(std::string &out, const Json *list, std::optional<std::uint64_t> page,
                                 bool first_of_task) {
    if (!list || list->Empty()) return;
    if (page && first_of_task && write_)
        walk_classifications(list, [&](const Json &one) {
            bound_to_page_ += page_of(one).has_value() ? 1 : 0;
            return true;
        });
    if (write_ || first_of_task) append_wanted(out, list, page ? &page : nullptr);
}

void Attributes::append_wanted(std::string &out, const Json *list, const std::optional<std::uint64_t> *page) {
    if (!write_) return books_.note(Note::classifications_dropped, count_classifications(list));
    titles_.clear();
    const std::size_t start = out.size();
    out += ",\"attributes\":{";
    bool first = true;
    walk_classifications(list, [&](const Json &one) {
        const std::optional<std::uint64_t> own = page ? page_of(one) : std::nullopt;
        if (own && own != *page) return false;
        if (own) ++on_their_page_;
        if (is_true(find(&one, "interpolationStopped"))) return false; // a copy of an answer that has ended
        if (append_one(out, one, first)) first = false;
        return true;
    });
    if (first)
        out.resize(start);
    else
        out += '}';
}

bool Attributes::append_one(std::string &out, const Json &classification, bool first) {
    const std::string_view name = classification_name(classification);
    const std::size_t start = out.size();
    bool readable = true;
    if (!first) out += ',';
    std::string title(name);
    unsigned *copies = nullptr; // the number of times that the name occurred, if it did
    if (const auto met = titles_.find(title); met != titles_.end()) copies = &met->second;
    while (copies && titles_.contains(title)) title = std::string(name) + '#' + std::to_string(++*copies);
    append_json_string(out, title);
    out += ':';
    const bool answered = append_answer(out, find(&classification, "answer"), readable);
    if (!readable || (answered && name.empty())) books_.note(Note::attribute_unreadable);
    if (!answered || name.empty()) {
        out.resize(start);
        return false;
    }
    if (title != name) books_.note(Note::attribute_repeated);
    titles_.emplace(std::move(title), 1u);
    return true;
}

void Attributes::settle() {
    if (bound_to_page_ > on_their_page_) books_.note(Note::classifications_dropped, bound_to_page_ - on_their_page_);
}

} // namespace ango::export_coco
