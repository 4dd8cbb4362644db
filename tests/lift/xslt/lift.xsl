<?xml version="1.0" encoding="UTF-8"?>
<!--
  A second opinion on lifting: LOQ and AMS documents to N-Triples, written by hand from the rules of
  the European Learning Model, without the tables in mappings/. Tests compare the two; nothing else
  uses this file.

  The rules: a property has the name of its element, in the namespace elm with the exceptions below.
  An attribute @language makes a language-tagged string, @uri a concept, @idref a reference. Of the
  other elements the name tells whether it is a literal, an IRI, or a node of its own. Typed
  literals keep the form that they have in the document.

  A record alone can be transformed too: then it is the root element.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings"
                xmlns:skos="http://www.w3.org/2004/02/skos/core#"
                xmlns:dct="http://purl.org/dc/terms/"
                xmlns:locn="http://www.w3.org/ns/locn#"
                xmlns:clv="http://data.europa.eu/m8g/"
                exclude-result-prefixes="str">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:variable name="elm" select="'http://data.europa.eu/snb/model/elm/'"/>
  <xsl:variable name="dct" select="'http://purl.org/dc/terms/'"/>
  <xsl:variable name="skos" select="'http://www.w3.org/2004/02/skos/core#'"/>
  <xsl:variable name="rdf" select="'http://www.w3.org/1999/02/22-rdf-syntax-ns#'"/>
  <xsl:variable name="xsd" select="'http://www.w3.org/2001/XMLSchema#'"/>

  <!-- Properties outside elm -->
  <xsl:variable name="of-dct"
      select="' title description type issued modified valid language publisher spatial temporal '"/>
  <xsl:variable name="of-adms" select="' identifier schemeAgency '"/>
  <xsl:variable name="of-foaf" select="' homepage member '"/>
  <xsl:variable name="of-rov" select="' legalName registration '"/>
  <xsl:variable name="of-org" select="' hasSubOrganization subOrganizationOf '"/>
  <xsl:variable name="of-rdf" select="' value '"/>

  <!-- Literals without a language -->
  <xsl:variable name="strings"
      select="' status point contactHour schemeName schemeVersion content latitude longitude
                phoneNumber countryDialing areaDialing dialNumber '"/>
  <xsl:variable name="dateTimes"
      select="' issued modified valid startDate endDate applicationDeadline reviewDate expiryDate '"/>
  <xsl:variable name="durations" select="' duration volumeOfLearning maximumDuration '"/>
  <xsl:variable name="anyURIs" select="' contentUrl schemeId '"/>

  <!-- Nodes without an identifier, by class; the last are called like their class -->
  <xsl:variable name="webResources"
      select="' homepage landingPage supplementaryDocument contactForm report '"/>
  <xsl:variable name="notes"
      select="' additionalNote fullAddress entryRequirement learningOutcomeSummary
                scheduleInformation admissionProcedure '"/>
  <xsl:variable name="legalIdentifiers"
      select="' eidasLegalIdentifier registration vatIdentifier taxIdentifier '"/>
  <xsl:variable name="mediaObjects" select="' logo bannerImage '"/>
  <xsl:variable name="eponymous"
      select="' identifier address amount awardingOpportunity contactPoint creditPoint grant phone
                priceDetail '"/>

  <xsl:template match="/">
    <xsl:choose>
      <xsl:when test="/*/@id">
        <xsl:apply-templates select="/*" mode="record"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:apply-templates select="/*/*/*" mode="record"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="*" mode="record">
    <xsl:variable name="subject">
      <xsl:choose>
        <xsl:when test="@id">
          <xsl:value-of select="concat('&lt;', normalize-space(@id), '&gt;')"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:value-of select="concat('_:', generate-id())"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="class">
      <xsl:choose>
        <xsl:when test="local-name() = 'location'">
          <xsl:value-of select="concat($dct, 'Location')"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="own-class"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:call-template name="typed">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="class" select="$class"/>
    </xsl:call-template>
    <xsl:apply-templates select="*" mode="statement">
      <xsl:with-param name="subject" select="$subject"/>
    </xsl:apply-templates>
  </xsl:template>

  <!-- What one element says of its subject -->

  <xsl:template match="*[@language]" mode="statement" priority="3">
    <xsl:param name="subject"/>
    <xsl:call-template name="literal">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="end" select="concat('@', normalize-space(@language))"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="*[@uri]" mode="statement" priority="3">
    <xsl:param name="subject"/>
    <xsl:variable name="concept" select="concat('&lt;', normalize-space(@uri), '&gt;')"/>
    <xsl:call-template name="says">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="object" select="$concept"/>
    </xsl:call-template>
    <xsl:call-template name="typed">
      <xsl:with-param name="subject" select="$concept"/>
      <xsl:with-param name="class" select="concat($skos, 'Concept')"/>
    </xsl:call-template>
    <xsl:apply-templates select="*" mode="statement">
      <xsl:with-param name="subject" select="$concept"/>
    </xsl:apply-templates>
  </xsl:template>

  <xsl:template match="*[@idref]" mode="statement" priority="3">
    <xsl:param name="subject"/>
    <xsl:call-template name="says">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="object" select="concat('&lt;', normalize-space(@idref), '&gt;')"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="skos:notation" mode="statement" priority="2">
    <xsl:param name="subject"/>
    <xsl:call-template name="literal">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="end">
        <xsl:if test="@type">
          <xsl:value-of select="concat('^^&lt;', normalize-space(@type), '&gt;')"/>
        </xsl:if>
      </xsl:with-param>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="dct:creator | skos:inScheme | *[local-name() = 'emailAddress']"
                mode="statement" priority="2">
    <xsl:param name="subject"/>
    <xsl:variable name="object" select="concat('&lt;', normalize-space(), '&gt;')"/>
    <xsl:call-template name="says">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="object" select="$object"/>
    </xsl:call-template>
    <xsl:if test="self::skos:inScheme">
      <xsl:call-template name="typed">
        <xsl:with-param name="subject" select="$object"/>
        <xsl:with-param name="class" select="concat($skos, 'ConceptScheme')"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="local-name() = 'emailAddress'">
      <xsl:call-template name="typed">
        <xsl:with-param name="subject" select="$object"/>
        <xsl:with-param name="class" select="concat($elm, 'Mailbox')"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template match="*" mode="statement">
    <xsl:param name="subject"/>
    <xsl:variable name="word" select="concat(' ', local-name(), ' ')"/>
    <xsl:variable name="datatype">
      <xsl:choose>
        <xsl:when test="contains($dateTimes, $word)">dateTime</xsl:when>
        <xsl:when test="contains($durations, $word)">duration</xsl:when>
        <xsl:when test="contains($anyURIs, $word)">anyURI</xsl:when>
        <xsl:when test="$word = ' value '">decimal</xsl:when>
        <xsl:when test="$word = ' contentSize '">integer</xsl:when>
        <xsl:when test="$word = ' isPartialQualification '">boolean</xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="contains($strings, $word)">
        <xsl:call-template name="literal">
          <xsl:with-param name="subject" select="$subject"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="$datatype != ''">
        <xsl:call-template name="literal">
          <xsl:with-param name="subject" select="$subject"/>
          <xsl:with-param name="text" select="normalize-space()"/>
          <xsl:with-param name="end" select="concat('^^&lt;', $xsd, $datatype, '&gt;')"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="node">
          <xsl:with-param name="subject" select="$subject"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="node">
    <xsl:param name="subject"/>
    <xsl:variable name="word" select="concat(' ', local-name(), ' ')"/>
    <xsl:variable name="node" select="concat('_:', generate-id())"/>
    <xsl:variable name="class">
      <xsl:choose>
        <xsl:when test="contains($webResources, $word)">
          <xsl:value-of select="concat($elm, 'WebResource')"/>
        </xsl:when>
        <xsl:when test="contains($notes, $word)">
          <xsl:value-of select="concat($elm, 'Note')"/>
        </xsl:when>
        <xsl:when test="contains($legalIdentifiers, $word)">
          <xsl:value-of select="concat($elm, 'LegalIdentifier')"/>
        </xsl:when>
        <xsl:when test="contains($mediaObjects, $word)">
          <xsl:value-of select="concat($elm, 'MediaObject')"/>
        </xsl:when>
        <xsl:when test="$word = ' temporal '">
          <xsl:value-of select="concat($dct, 'PeriodOfTime')"/>
        </xsl:when>
        <xsl:when test="self::locn:geometry">
          <xsl:value-of select="concat(namespace-uri(), 'Geometry')"/>
        </xsl:when>
        <xsl:when test="contains($eponymous, $word)">
          <xsl:call-template name="own-class"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:message terminate="yes">
            <xsl:value-of select="concat('no rule for ', name())"/>
          </xsl:message>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:call-template name="says">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="object" select="$node"/>
    </xsl:call-template>
    <xsl:call-template name="typed">
      <xsl:with-param name="subject" select="$node"/>
      <xsl:with-param name="class" select="$class"/>
    </xsl:call-template>
    <xsl:apply-templates select="*" mode="statement">
      <xsl:with-param name="subject" select="$node"/>
    </xsl:apply-templates>
  </xsl:template>

  <!-- Lines -->

  <xsl:template name="says">
    <xsl:param name="subject"/>
    <xsl:param name="object"/>
    <xsl:value-of select="concat($subject, ' &lt;')"/>
    <xsl:call-template name="property"/>
    <xsl:value-of select="concat('&gt; ', $object, ' .&#10;')"/>
  </xsl:template>

  <xsl:template name="literal">
    <xsl:param name="subject"/>
    <xsl:param name="text" select="string()"/>
    <xsl:param name="end" select="''"/>
    <xsl:variable name="marked"
        select="str:replace(str:replace($text, '\', '\\'), '&quot;', '\&quot;')"/>
    <xsl:call-template name="says">
      <xsl:with-param name="subject" select="$subject"/>
      <xsl:with-param name="object"
          select="concat('&quot;', str:replace(str:replace($marked, '&#10;', '\n'), '&#13;', '\r'),
                         '&quot;', $end)"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="typed">
    <xsl:param name="subject"/>
    <xsl:param name="class"/>
    <xsl:value-of select="concat($subject, ' &lt;', $rdf, 'type&gt; &lt;', $class, '&gt; .&#10;')"/>
  </xsl:template>

  <!-- Names -->

  <xsl:template name="property">
    <xsl:variable name="word" select="concat(' ', local-name(), ' ')"/>
    <xsl:choose>
      <xsl:when test="self::skos:* or self::dct:* or self::locn:* or self::clv:*">
        <xsl:value-of select="namespace-uri()"/>
      </xsl:when>
      <xsl:when test="contains($of-dct, $word)"><xsl:value-of select="$dct"/></xsl:when>
      <xsl:when test="contains($of-adms, $word)">http://www.w3.org/ns/adms#</xsl:when>
      <xsl:when test="contains($of-foaf, $word)">http://xmlns.com/foaf/0.1/</xsl:when>
      <xsl:when test="contains($of-rov, $word)">http://www.w3.org/ns/regorg#</xsl:when>
      <xsl:when test="contains($of-org, $word)">http://www.w3.org/ns/org#</xsl:when>
      <xsl:when test="contains($of-rdf, $word)"><xsl:value-of select="$rdf"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$elm"/></xsl:otherwise>
    </xsl:choose>
    <xsl:value-of select="local-name()"/>
  </xsl:template>

  <xsl:template name="own-class">
    <xsl:value-of select="$elm"/>
    <xsl:value-of select="translate(substring(local-name(), 1, 1),
                                    'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
    <xsl:value-of select="substring(local-name(), 2)"/>
  </xsl:template>
</xsl:stylesheet>
