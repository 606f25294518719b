// take_apart makes one pass over the members of an entry. ToolReader then decides: an entry that shows a shape goes to
// the caller, an ended entry to ends, a video object is expanded to its frames, and every other entry is dropped with a
// reason.
#include "common/tool.hpp"

namespace ango::common {

namespace {

/// The result of one pass over the members of an entry.
struct Parts {
    ToolEntry entry;
    const Json *page = nullptr;
    const Json *frames = nullptr; // a member with an array of objects: perhaps the frames of a video object
    std::string_view unknown_key; // first unknown member whose value is an object or an array
    bool has_angle_members = false;
    bool stopped = false;
    bool medical_brush = false;

    bool has_shape() const { return entry.shape != nullptr; }
};

bool is_array_of_objects(const Json &value) { return value.IsArray() && !value.Empty() && value[0].IsObject(); }

bool is_frame(const Json &value);

Parts take_apart(const Json &value, UnknownMembers *unknown) {
    Parts parts;
    ToolEntry &entry = parts.entry;
    for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member) {
        const std::string_view key = text_of(&member->name);
        const Json &content = member->value;
        const ToolMemberName name = tool_member(key);
        switch (name.member) {
            case ToolMember::shape:
                // Two shapes in one entry do not occur, but an empty one beside a real one might.
                if (!parts.has_shape() || entry.shape->IsNull()) {
                    entry.tool = name.tool;
                    entry.shape = &content;
                }
                break;
            case ToolMember::object_id: entry.object_id = text_of(&content); break;
            case ToolMember::schema_id: entry.schema_id = text_of(&content); break;
            case ToolMember::title: entry.title = text_of(&content); break;
            case ToolMember::classifications: entry.classifications = array_or_null(&content); break;
            case ToolMember::page: parts.page = &content; break;
            case ToolMember::frame:
                if (!parts.page) parts.page = &content;
                break;
            case ToolMember::interpolation_stopped: parts.stopped = content.IsTrue(); break;
            case ToolMember::medical_brush: parts.medical_brush = content.IsTrue(); break;
            case ToolMember::angle_member: parts.has_angle_members = true; break;
            case ToolMember::masks:
                if (content.IsString() || content.IsArray()) entry.masks = &content;
                break;
            case ToolMember::other_known: break;
            case ToolMember::unknown:
                if (unknown) unknown->met(key);
                if (is_array_of_objects(content) && !(parts.frames && is_frame((*parts.frames)[0])))
                    parts.frames = &content;
                if ((content.IsObject() || content.IsArray()) && parts.unknown_key.empty()) parts.unknown_key = key;
                break;
        }
    }
    if (!parts.has_shape() && parts.medical_brush)
        entry.tool = Tool::voxel_brush;
    else if (!parts.has_shape() && parts.has_angle_members)
        entry.tool = Tool::angle;
    entry.type = static_cast<ToolType>(entry.tool);
    return parts;
}

bool is_frame(const Json &value) {
    if (!value.IsObject()) return false;
    const Parts parts = take_apart(value, nullptr);
    return parts.has_shape() && whole_number(parts.page);
}

class ToolReader {
public:
    ToolReader(bool video, Accounting &books, UnknownMembers &unknown, std::vector<ToolEntry> &out,
               std::vector<ToolEntry> *ends)
        : video_(video), books_(books), unknown_(unknown), out_(out), ends_(ends) {}

    void read(const Json &value) {
        if (!value.IsObject()) return drop(static_cast<ToolType>(Tool::unknown), Reason::unknown_shape);
        const Parts parts = take_apart(value, &unknown_);
        if (parts.entry.tool == Tool::unknown) return read_without_shape(parts);
        settle(parts);
    }

private:
    /// An entry with a shape, or of a tool that has none.
    void settle(const Parts &parts) {
        if (parts.stopped) { // carries a copy of the shape that must never be shown (FORMATS.md 1.6)
            books_.came_in(parts.entry.type);
            books_.ended(parts.entry.type);
            return keep_end(parts);
        }
        const std::optional<std::uint64_t> page = whole_number(parts.page);
        if (parts.page && !parts.page->IsNull() && !page) return drop(parts.entry.type, Reason::invalid_geometry);
        if (!parts.has_shape()) return drop(parts.entry.type, Reason::unsupported_tool);
        books_.came_in(parts.entry.type);
        out_.push_back(parts.entry);
        out_.back().page = page.value_or(0);
    }

    /// A segmentation that was exported without points.
    static Parts as_segmentation(const Parts &parts) {
        static const Json none;
        Parts out = parts;
        out.entry.tool = Tool::segmentation;
        out.entry.type = static_cast<ToolType>(Tool::segmentation);
        out.entry.shape = &none;
        return out;
    }

    void keep_end(const Parts &parts) {
        const std::optional<std::uint64_t> page = whole_number(parts.page);
        if (!ends_ || !page) return;
        ends_->push_back(parts.entry);
        ends_->back().page = *page;
    }

    void read_without_shape(const Parts &parts) {
        if (parts.frames && is_frame((*parts.frames)[0])) return expand(parts);
        if (parts.stopped) return settle(parts);
        if (parts.entry.masks && parts.unknown_key.empty()) return settle(as_segmentation(parts));
        if (video_)
            return drop(books_.tool_type(parts.unknown_key.empty() ? "unknown" : parts.unknown_key),
                        Reason::unrecognised_video_tool);
        if (!parts.unknown_key.empty()) return drop(books_.tool_type(parts.unknown_key), Reason::unknown_shape);
        drop(static_cast<ToolType>(Tool::segmentation), Reason::segmentation_without_points);
    }

    /// The frames of a video object become entries. A frame takes from the object whatever it does not say itself.
    void expand(const Parts &object) {
        for (const Json &value : object.frames->GetArray()) {
            Parts frame = value.IsObject() ? take_apart(value, &unknown_) : Parts{};
            if (!whole_number(frame.page) || !(frame.has_shape() || frame.stopped)) { // an end needs no shape
                drop(static_cast<ToolType>(Tool::unknown), Reason::unrecognised_video_tool);
                continue;
            }
            ToolEntry &entry = frame.entry;
            if (entry.object_id.empty()) entry.object_id = object.entry.object_id;
            if (entry.schema_id.empty()) entry.schema_id = object.entry.schema_id;
            if (entry.title.empty()) entry.title = object.entry.title;
            if (!entry.classifications) entry.classifications = object.entry.classifications;
            settle(frame);
        }
    }

    void drop(ToolType type, Reason why) {
        books_.came_in(type);
        books_.dropped(type, why);
    }

    bool video_;
    Accounting &books_;
    UnknownMembers &unknown_;
    std::vector<ToolEntry> &out_;
    std::vector<ToolEntry> *ends_;
};

} // namespace

void settle_emitted(Accounting &books, const ToolEntry &entry) {
    if (entry.interpolated)
        books.note(Note::interpolated);
    else
        books.emitted(entry.type);
}

void settle_merged(Accounting &books, const ToolEntry &entry) {
    if (entry.interpolated)
        books.note(Note::interpolated_merged);
    else
        books.merged(entry.type);
}

void settle_dropped(Accounting &books, const ToolEntry &entry, Reason why) {
    if (entry.interpolated)
        books.note(Note::interpolated_dropped);
    else
        books.dropped(entry.type, why);
}

void read_tools(const Json *tools, bool video, Accounting &books, UnknownMembers &unknown, std::vector<ToolEntry> &out,
                std::vector<ToolEntry> *ends) {
    if (!tools) return;
    ToolReader reader(video, books, unknown, out, ends);
    for (const Json &value : tools->GetArray()) reader.read(value);
}

void drop_tools(const Json *tools, Reason why, Accounting &books) {
    if (!tools) return;
    for (const Json &value : tools->GetArray()) {
        ToolType type = static_cast<ToolType>(Tool::unknown);
        if (value.IsObject()) {
            const Parts parts = take_apart(value, nullptr);
            type = parts.entry.tool == Tool::unknown && !parts.unknown_key.empty() ? books.tool_type(parts.unknown_key)
                                                                                   : parts.entry.type;
        }
        books.came_in(type);
        books.dropped(type, why);
    }
}

} // namespace ango::common
