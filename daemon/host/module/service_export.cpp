#include "host/module/service_tables.hpp"

#include "host/module/handles.hpp"
#include "host/module/least_size.hpp"

namespace angod::host::service {

namespace {

std::int32_t reader_next(ango_reader *reader, ango_asset *asset) {
    if (!reader || !asset || asset->struct_size < least_size<ango_asset>) return ANGO_INVALID;
    return guarded([&] { return reader->reader.next(*asset); });
}

std::int32_t writer_open(ango_writer *writer, const ango_str *name) {
    if (!writer || !name) return ANGO_INVALID;
    return guarded([&] { return writer->zip.open(view(name)); });
}

std::int32_t writer_write(ango_writer *writer, const ango_str *bytes) {
    if (!writer || !bytes) return ANGO_INVALID;
    return guarded([&] { return writer->zip.write(view(bytes)); });
}

std::int32_t writer_close(ango_writer *writer) {
    if (!writer) return ANGO_INVALID;
    return guarded([&] { return writer->zip.close(); });
}

std::int32_t scratch_create(ango_job *job, ango_scratch_file **out) {
    if (!job || !out) return ANGO_INVALID;
    if (!job->scratch) return ANGO_UNSUPPORTED;
    return guarded([&] {
        const std::int32_t status = job->scratch->create(out);
        if (status == ANGO_OK) (*out)->owner = job->scratch;
        return status;
    });
}

std::int32_t scratch_write(ango_scratch_file *file, const ango_str *bytes) {
    if (!file || !bytes) return ANGO_INVALID;
    return guarded([&] { return file->owner->write(file, view(bytes)); });
}

std::int32_t scratch_read(ango_scratch_file *file, char *buffer, std::uint64_t capacity, std::uint64_t *got) {
    if (!file || !buffer || !got) return ANGO_INVALID;
    return guarded([&] { return file->owner->read(file, buffer, capacity, got); });
}

} // namespace

constinit const ango_reader_v1 kReader{sizeof(ango_reader_v1), 0, reader_next};
constinit const ango_writer_v1 kWriter{sizeof(ango_writer_v1), 0, writer_open, writer_write, writer_close};
constinit const ango_scratch_v1 kScratch{sizeof(ango_scratch_v1), 0, scratch_create, scratch_write, scratch_read};

} // namespace angod::host::service
