#include "common/report.hpp"

#include "common/numbers.hpp"
#include "common/text.hpp"

#include <string>

namespace ango::common {

namespace {

constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::count);

/// Writes commas between the members of an object or a list.
class Separated {
public:
    explicit Separated(std::string &out) : out_(out) {}
    std::string &next() {
        if (any_) out_ += ',';
        any_ = true;
        return out_;
    }
    /// Starts a member.
    std::string &member(std::string_view name) {
        append_json_string(next(), name);
        out_ += ':';
        return out_;
    }
    void count(std::string_view name, std::uint64_t value) { append_integer(member(name), value); }

private:
    std::string &out_;
    bool any_ = false;
};

template <class CountOf> void append_reasons(std::string &out, const CountOf &count_of) {
    out += '{';
    Separated reasons(out);
    for (std::size_t i = 0; i < kReasonCount; ++i)
        if (const std::uint64_t count = count_of(static_cast<Reason>(i)))
            reasons.count(name_of(static_cast<Reason>(i)), count);
    out += '}';
}

void append_assets(std::string &out, const Accounting &books) {
    out += '{';
    Separated members(out);
    members.count("in", books.assets_in());
    members.count("converted", books.assets_converted());
    append_reasons(members.member("skipped"), [&](Reason why) { return books.assets_skipped(why); });
    out += '}';
}

void append_tools(std::string &out, const Accounting &books) {
    out += '{';
    Separated tools(out);
    for (ToolType type = 0; type < books.tool_type_count(); ++type) {
        const Accounting::Tool &tool = books.tool(type);
        if (tool.in == 0) continue;
        tools.member(books.tool_name(type)) += '{';
        Separated members(out);
        members.count("in", tool.in);
        members.count("emitted", tool.emitted);
        members.count("merged", tool.merged);
        members.count("ended", tool.ended);
        append_reasons(members.member("dropped"),
                       [&](Reason why) { return tool.dropped[static_cast<std::size_t>(why)]; });
        out += '}';
    }
    out += '}';
}

void append_notes(std::string &out, const Accounting &books) {
    out += '{';
    Separated notes(out);
    for (std::size_t i = 0; i < static_cast<std::size_t>(Note::count); ++i) {
        const Note note = static_cast<Note>(i);
        const bool always = note <= Note::relations_dropped; // readers of the report may rely on the first five
        if (always || books.noted(note)) notes.count(name_of(note), books.noted(note));
    }
    out += '}';
}

void append_classes(std::string &out, const Classes &classes, const std::vector<Classes::Ordered> &order,
                    std::uint64_t first_id) {
    out += '[';
    Separated list(out);
    for (std::size_t i = 0; i < order.size(); ++i) {
        list.next() += '{';
        Separated members(out);
        members.count("id", first_id + i);
        append_json_string(members.member("name"), order[i].name);
        members.member("schemaIds") += '[';
        Separated ids(out);
        for (const std::string &id : classes[order[i].index].schema_ids) append_json_string(ids.next(), id);
        out += "]}";
    }
    out += ']';
}

} // namespace

void NamesTable::add(std::string_view out, std::string_view external_id, std::string_view task_id, std::uint64_t page) {
    std::string &row = rows_.text();
    row += any_ ? ",\n{\"out\":" : "\n{\"out\":";
    any_ = true;
    append_json_string(row, out);
    row += ",\"externalId\":";
    append_json_string(row, external_id);
    row += ",\"taskId\":";
    append_json_string(row, task_id);
    row += ",\"page\":";
    append_integer(row, page);
    row += '}';
    rows_.settle();
}

void NamesTable::copy_to(Writer &zip) {
    rows_.flush();
    std::string block(Buffered<Scratch>::kWriteAt, '\0');
    while (const std::size_t got = file_.read(block.data(), block.size()))
        zip.write(std::string_view(block.data(), got));
}

void write_report(Writer &zip, std::string_view target, const Accounting &books, const Classes &classes,
                  const std::vector<Classes::Ordered> &order, std::uint64_t first_id, NamesTable &names) {
    std::string text = "{\"schema\":1,\"target\":";
    append_json_string(text, target);
    text += ",\n\"assets\":";
    append_assets(text, books);
    text += ",\n\"tools\":";
    append_tools(text, books);
    text += ",\n\"notes\":";
    append_notes(text, books);
    text += ",\n\"classes\":";
    append_classes(text, classes, order, first_id);
    text += ",\n\"names\":[";
    zip.open("conversion_report.json").write(text);
    names.copy_to(zip);
    zip.write("]}\n").close();
}

} // namespace ango::common
