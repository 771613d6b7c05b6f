/**
 * Paths that no client of an API asks for and every scanner does: files that were never meant to be served (hidden ones,
 * backups, dumps), server scripts, and the doors of well-known products. From what such tools have in common, not from one
 * of their lists; a service that has such a path answers it, and so it is none of its unknown ones.
 */
const HIDDEN = /\/\.(?!well-known(?:\/|$))[a-z]/i;
const LEFT_BEHIND =
  /(?:\.(?:bak|backup|old|orig|sav|save|swp|sql|sqlite3?|dump|mdb|tar|t?gz|bz2|zip|rar|7z|war|pem|key|pfx|kdbx?)|~)$/i;
const SCRIPT = /\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|jspa|cfm|cgi|pl|do|action)$/i;
const DOOR =
  /\/(?:wp-(?:admin|login|content|includes|config|json)|xmlrpc|php-?my-?admin|pma|adminer|cgi-bin|phpunit|actuator|server-status|boaform|hnap1|solr|jenkins|telescope|_ignition|geoserver|etc\/passwd|web-?shell|eval-stdin)(?:[./]|$)/i;

/** @param path ids cut out, without a query */
export const isToolPath = (path: string) => HIDDEN.test(path) || LEFT_BEHIND.test(path) || SCRIPT.test(path) || DOOR.test(path);
