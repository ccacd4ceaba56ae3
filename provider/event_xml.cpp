#include "provider/event_xml.hpp"

#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::string_view kSchema = "http://schemas.microsoft.com/win/2004/08/events/event";

bool is_xml_character(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF;
}

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        append_utf8(out, is_xml_character(c) ? c : U'\uFFFD');
        break;
    }
  }
}

void element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  append_escaped(out, text);
  out.append("</").append(name).append(">");
}

// As the schema counts.
int number_of(EventLevel level) { return static_cast<int>(level) + 1; }

// "2008-03-01T00:00:00.000000000Z".
std::string system_time(FileTime time) {
  std::string text = format_iso8601(time);
  text.pop_back();
  std::size_t fraction = 0;
  if (const std::size_t dot = text.find('.'); dot != std::string::npos)
    fraction = text.size() - dot - 1;
  else
    text += '.';
  return text.append(9 - fraction, '0') + 'Z';
}

}  // namespace

std::string to_xml(const EventRecord& record) {
  const EventLevel level = record.event->level;
  std::string out = "<Event xmlns=\"";
  out.append(kSchema).append("\"><System><Provider Name=\"").append(kEventProvider);
  out.append("\" EventSourceName=\"").append(kEventSource).append("\"/><EventID Qualifiers=\"");
  out += std::to_string(record.identifier() >> 16) + "\">" + std::to_string(record.id());
  out += "</EventID><Version>0</Version><Level>" + std::to_string(number_of(level));
  out += "</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords>";
  out += "<TimeCreated SystemTime=\"" + system_time(record.time) + "\"/><EventRecordID>";
  out += std::to_string(record.number) + "</EventRecordID><Correlation/>";
  out += "<Execution ProcessID=\"0\" ThreadID=\"0\"/>";
  element(out, "Channel", log_name(record.event->log));
  element(out, "Computer", record.computer);
  out += "<Security/></System><EventData>";
  for (const std::string& text : record.strings()) element(out, "Data", text);
  out += "</EventData><RenderingInfo Culture=\"en-US\">";
  element(out, "Message", record.message());
  element(out, "Level", level_name(level));
  out += "<Task></Task><Opcode></Opcode>";
  element(out, "Channel", log_name(record.event->log));
  element(out, "Provider", kEventProvider);
  out += "<Keywords><Keyword>Classic</Keyword></Keywords></RenderingInfo></Event>\n";
  return out;
}

}  // namespace slwmi::licensing
